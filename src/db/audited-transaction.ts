import { sql } from "drizzle-orm";
import type { Db } from "./client/database.ts";

/** The author of a transaction's writes. */
export interface Writer {
  readonly actor: string;
  /** The procedure, such as `store.update`. */
  readonly procedure: string;
  readonly requestId: string;
}

/**
 * Runs an administrator's work in one transaction. The `audit` triggers read the writer from the transaction's local
 * settings and add a line to `audit_log` for every written row.
 * Errors: those of the work, after which nothing is written; those of the database.
 */
export function inAuditedTransaction<T>(
  db: Db,
  { actor, procedure, requestId }: Writer,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  return db.transaction(async (transaction) => {
    await transaction.execute(sql`
      select set_config('audit.actor', ${actor}, true), set_config('audit.procedure', ${procedure}, true),
        set_config('audit.request', ${requestId}, true)`);
    // A transaction has all members of a database that query functions use.
    return await work(transaction);
  });
}
