import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { AuditLine } from "./schemas.ts";

/** A page of the audit trail, the latest first; one row more than `limit`. */
export async function listAudit(
  db: Db,
  page: {
    readonly target: string | null;
    readonly targetId: string | null;
    readonly userId: string | null;
    readonly limit: number;
    readonly after: readonly [id: number] | null;
  },
): Promise<AuditLine[]> {
  const { target, targetId, userId, limit, after } = page;
  const conditions: SQL[] = [
    sql`true`,
    ...(target === null ? [] : [sql`target = ${target}`]),
    ...(targetId === null ? [] : [sql`target_id = ${targetId}`]),
    ...(userId === null ? [] : [sql`actor = ${userId}::uuid`]),
    ...(after === null ? [] : [sql`id < ${after[0]}::bigint`]),
  ];
  return await db.execute<AuditLine & Record<string, unknown>>(sql`
    select id::float8 as "id", ${isoInstant(sql`at`)} as "at", actor as "userId", procedure, request_id as "requestId",
      target, target_id as "targetId", action, before, after
    from audit_log where ${sql.join(conditions, sql` and `)} order by id desc limit ${limit + 1}`);
}
