import { sql } from "drizzle-orm";
import type { Db } from "./client/database.ts";

/** Whose writes they are, and through what. */
export interface Writer {
  readonly actor: string;
  /** Such as `store.update`. */
  readonly procedure: string;
  readonly requestId: string;
}

/**
 * Runs an administrator's work in one transaction. The `audit` triggers read who writes from its local settings, so that
 * every row that is written leaves its line in `audit_log` in the same transaction, whichever statement writes it.
 * Errors: those of the work, with nothing written; those of the database.
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
    // A transaction has all that query functions use of a database.
    return await work(transaction);
  });
}
