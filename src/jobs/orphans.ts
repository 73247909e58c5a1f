import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import type { Job } from "./job.ts";
import { repeatWhileFull } from "./steps.ts";

/** Named rows of the catalogue that one step looks up; rows of users that one statement deletes. */
const LOOKED_UP_MAX = 2_000;
const DELETED_MAX = 5_000;

/** Users' rows that name a row of the catalogue, without a foreign key. */
interface Reference {
  readonly table: SQL;
  readonly key: SQL;
  /** The column that names it, which has an index. */
  readonly column: SQL;
  readonly target: SQL;
  /** Users' rows that make sense without the other. */
  readonly unless: SQL;
}

const REFERENCES: readonly Reference[] = [
  {
    table: sql`favorites`,
    key: sql`user_id, kind, target_id`,
    column: sql`store_id`,
    target: sql`stores`,
    unless: sql`false`,
  },
  {
    // A product that was saved by its barcode has an id of the favourite's own.
    table: sql`favorites`,
    key: sql`user_id, kind, target_id`,
    column: sql`product_id`,
    target: sql`products`,
    unless: sql`barcode is not null`,
  },
  {
    table: sql`alert_reads`,
    key: sql`user_id, alert_id`,
    column: sql`alert_id`,
    target: sql`alerts`,
    unless: sql`false`,
  },
];

/**
 * Deletes users' favourites and reads whose product, store or alert has no row any more; gives how many. Users' rows and
 * the catalogue's are in statements of their own, as on a distributed database they lie on different servers. An id is
 * never given again, so what is gone stays gone in between.
 */
export async function deleteOrphans(db: Db, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (const reference of REFERENCES) total += await deleteOrphansOf(db, reference, signal);
  return total;
}

async function deleteOrphansOf(
  db: Db,
  { table, key, column, target, unless }: Reference,
  signal: AbortSignal | undefined,
): Promise<number> {
  let total = 0;
  let after: string | null = null;
  for (;;) {
    const beyond: SQL = after === null ? sql`is not null` : sql`> ${after}::uuid`;
    const named: { id: string }[] = await db.execute<{ id: string }>(sql`
      select distinct ${column} as id from ${table}
      where ${column} ${beyond} and not (${unless}) order by 1 limit ${LOOKED_UP_MAX}`);
    const gone = await db.execute<{ id: string }>(sql`
      select n.value as id from jsonb_array_elements_text(${JSON.stringify(named.map(({ id }) => id))}::jsonb) as n
      where not exists (select from ${target} t where t.id = n.value::uuid)`);
    const ids = JSON.stringify(gone.map(({ id }) => id));
    if (gone.length > 0)
      total += await repeatWhileFull(DELETED_MAX, signal, async () => {
        const rows = await db.execute(sql`
          delete from ${table} where (${key}) in (
            select ${key} from ${table}
            where ${column} in (select value::uuid from jsonb_array_elements_text(${ids}::jsonb)) and not (${unless})
            limit ${DELETED_MAX}
          ) returning 1`);
        return rows.length;
      });
    const last = named.at(-1);
    if (last === undefined || named.length < LOOKED_UP_MAX || signal?.aborted === true)
      return total;
    after = last.id;
  }
}

/** Forgets favourites and reads of what the catalogue no longer has; lists leave them out until then. */
export const orphansJob: Job = {
  queue: "retention-orphans",
  schedule: "47 3 * * *",
  expireSeconds: 3600,
  async run({ db, logger, signal }) {
    const deleted = await deleteOrphans(db, signal);
    if (deleted > 0) logger.info({ deleted }, "favourites and reads of what is gone are deleted");
  },
};
