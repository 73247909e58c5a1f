import type { Entry, HalalStorage, QueuedChange, RefusedChange } from "./storage.ts";

/** A value of a statement. */
export type SqliteValue = string | number | null;

/** The part of a SQLite that the storage needs; each statement is a transaction of its own. */
export interface SqliteConnection {
  run(sql: string, values: readonly SqliteValue[]): Promise<void>;
  all(sql: string, values: readonly SqliteValue[]): Promise<readonly unknown[]>;
}

/** The tables, which stand beside those of the app. A changed shape needs new names. */
const TABLES = [
  `create table if not exists halal_queue (
    place integer primary key autoincrement, lane text not null, id text not null, owner text, body text not null,
    unique (lane, id))`,
  `create table if not exists halal_refusals (
    lane text not null, id text not null, code text not null, message text not null, primary key (lane, id))`,
  `create table if not exists halal_entries (
    collection text not null, key text not null, text text not null, saved_at integer not null,
    primary key (collection, key))`,
  `create index if not exists halal_entries_saved_at on halal_entries (collection, saved_at)`,
];

const IS_REFUSED = "select 1 from halal_refusals r where r.lane = q.lane and r.id = q.id";

/** Makes storage of a SQLite database; rows of lists travel as JSON, because then one statement takes them all. */
export async function sqliteStorage(connection: SqliteConnection): Promise<HalalStorage> {
  const run = connection.run.bind(connection);
  const all = connection.all.bind(connection);
  for (const table of TABLES) await run(table, []);
  return {
    append: (changes) =>
      run(
        `insert into halal_queue (lane, id, owner, body)
         select value ->> 'lane', value ->> 'id', value ->> 'owner', value ->> 'body' from json_each(?) order by key
         on conflict (lane, id) do nothing`,
        [JSON.stringify(changes)],
      ),
    waiting: async (lane, owner, limit) =>
      (await all(
        `select id, lane, owner, body from halal_queue q
         where lane = ? and (owner is null or owner = ?) and not exists (${IS_REFUSED}) order by place limit ?`,
        [lane, owner, limit],
      )) as QueuedChange[],
    async countWaiting() {
      const [row] = await all(
        `select count(*) as waiting from halal_queue q where not exists (${IS_REFUSED})`,
        [],
      );
      return (row as { readonly waiting: number } | undefined)?.waiting ?? 0;
    },
    refuse: (lane, outcomes) =>
      run(
        `insert into halal_refusals (lane, id, code, message)
         select q.lane, q.id, value ->> 'code', value ->> 'message'
         from json_each(?) join halal_queue q on q.lane = ? and q.id = value ->> 'id'
         where true on conflict (lane, id) do nothing`,
        [JSON.stringify(outcomes), lane],
      ),
    refused: async (owner) =>
      (await all(
        `select q.id, q.lane, q.owner, q.body, r.code, r.message
         from halal_queue q join halal_refusals r on r.lane = q.lane and r.id = q.id
         where q.owner is null or q.owner = ? order by q.place`,
        [owner],
      )) as RefusedChange[],
    retry: (lane, id) => run("delete from halal_refusals where lane = ? and id = ?", [lane, id]),
    async remove(lane, ids) {
      const list = JSON.stringify(ids);
      const where = "where lane = ? and id in (select value from json_each(?))";
      // The change first: a refusal that is left over refuses nothing.
      await run(`delete from halal_queue ${where}`, [lane, list]);
      await run(`delete from halal_refusals ${where}`, [lane, list]);
    },
    async read(collection, key) {
      const rows = await all(
        `select text, saved_at as "savedAtMs" from halal_entries where collection = ? and key = ?`,
        [collection, key],
      );
      return (rows[0] as Entry | undefined) ?? null;
    },
    write: (collection, key, { text, savedAtMs }) =>
      run(
        `insert into halal_entries (collection, key, text, saved_at) values (?, ?, ?, ?)
         on conflict (collection, key) do update set text = excluded.text, saved_at = excluded.saved_at`,
        [collection, key, text, savedAtMs],
      ),
    trim: (collection, keep) =>
      run(
        `delete from halal_entries where collection = ? and key in (
           select key from halal_entries where collection = ? order by saved_at desc, key limit -1 offset ?)`,
        [collection, collection, keep],
      ),
    async clear() {
      for (const table of ["halal_queue", "halal_refusals", "halal_entries"])
        await run(`delete from ${table}`, []);
    },
  };
}
