import type { Sql } from "postgres";
import { StartupError } from "../../startup-error.ts";

/** Rows of a range that is compared at once. */
const RANGE_ROWS = 10_000;
const TRIES = 5;

/** A range of keys, after one and up to another; null: from the first, or to the last. */
interface Range {
  readonly after: Key | null;
  readonly until: Key | null;
}
interface Key {
  readonly userId: string;
  readonly id: string;
}

/**
 * Compares `scans` with its copy, range by range, by the number of rows and the sum of their hashes, and copies ranges
 * again that differ; gives how many. One statement sees both tables at one moment, so writes make no difference.
 * Errors: StartupError when a range stays different.
 */
export async function recopyDifferences(sql: Sql): Promise<number> {
  let copied = 0;
  let after: Key | null = null;
  do {
    const until = await endOfRange(sql, after);
    const range: Range = { after, until };
    for (let tries = 0; !(await isSame(sql, range)); tries += 1) {
      if (tries === TRIES)
        throw new StartupError("the copy of scans differs: run the command again");
      await copyRange(sql, range);
      copied += 1;
    }
    after = until;
  } while (after !== null);
  return copied;
}

function within(sql: Sql, alias: string, { after, until }: Range) {
  const key = sql.unsafe(`(${alias}.user_id, ${alias}.id)`);
  const from =
    after === null ? sql`true` : sql`${key} > (${after.userId}::uuid, ${after.id}::uuid)`;
  const to = until === null ? sql`true` : sql`${key} <= (${until.userId}::uuid, ${until.id}::uuid)`;
  return sql`${from} and ${to}`;
}

async function endOfRange(sql: Sql, after: Key | null): Promise<Key | null> {
  const [row] = await sql<Key[]>`
    select s.user_id as "userId", s.id from scans s where ${within(sql, "s", { after, until: null })}
    order by s.user_id, s.id offset ${RANGE_ROWS} limit 1`;
  return row ?? null;
}

async function isSame(sql: Sql, range: Range): Promise<boolean> {
  const [row] = await sql<{ same: boolean }[]>`
    select (
      select (count(*), sum(hashtextextended(s::text, 0))) from scans s where ${within(sql, "s", range)}
    ) is not distinct from (
      select (count(*), sum(hashtextextended(n::text, 0))) from scans_partitioned n where ${within(sql, "n", range)}
    ) as same`;
  return row?.same === true;
}

/** Writes the rows of a range again, none of which changes meanwhile, and deletes those that there are not. */
async function copyRange(sql: Sql, range: Range): Promise<void> {
  await sql.begin(async (transaction) => {
    const tx = transaction as unknown as Sql;
    await tx`
      with held as materialized (
        select s.* from scans s where ${within(tx, "s", range)} for share of s skip locked
      ), gone as (
        delete from scans_partitioned n using held where n.user_id = held.user_id and n.id = held.id
          and n::text is distinct from held::text
      )
      select count(*) from held`;
    await tx`
      insert into scans_partitioned
      select s.* from scans s where ${within(tx, "s", range)}
      for share of s skip locked
      on conflict (user_id, id) do nothing`;
    await tx`
      delete from scans_partitioned n where ${within(tx, "n", range)}
        and not exists (select from scans s where s.user_id = n.user_id and s.id = n.id)`;
  });
}
