import postgres from "postgres";
import { copyText } from "./bulk-copy.ts";
import { problem, type RecordProblem } from "../read/records.ts";
import type { Target } from "./upsert-target.ts";

/** A converted row, as a line of COPY with cells in the order of the target's columns: many live cells are work for the collector. */
export interface StagedRow {
  readonly position: number;
  readonly line: string;
}

/** The outcome of a batch. */
export interface BatchOutcome {
  readonly inserted: number;
  readonly updated: number;
  readonly same: number;
  readonly rejected: readonly (RecordProblem & { readonly position: number })[];
}

/** A temporary table into which batches are copied before they are merged. */
export interface Staging {
  /** Copies and merges a batch. Errors: the driver's; then no row of the batch is written. */
  merge(rows: readonly StagedRow[]): Promise<BatchOutcome>;
}

/** Errors caused by another writer, after which the same batch may succeed. */
const TRANSIENT = new Set(["40001", "40P01", "55P03"]);
const ATTEMPTS_MAX = 5;

/**
 * Prepares the session for batches of one target: staging table, table of seen keys, no time limit.
 * `onWritten` runs in the transaction of each batch that changed something.
 */
export async function openStaging(
  sql: postgres.Sql,
  target: Target,
  options: {
    readonly isDryRun: boolean;
    readonly onWritten: (transaction: postgres.TransactionSql) => Promise<void>;
  },
): Promise<Staging> {
  const columns = target.columns.map(({ name, type }) => `${name} ${type}`).join(", ");
  await sql.unsafe(`
    set statement_timeout = 0;
    set lock_timeout = '60s';
    set idle_in_transaction_session_timeout = 0;
    set client_min_messages = warning;
    drop table if exists pg_temp.import_batch;
    create temporary table import_batch (position bigint not null, ${columns}) on commit delete rows;
    create temporary table if not exists import_seen (
      key text collate "C" primary key, position bigint not null, batch xid8 not null default pg_current_xact_id());`);

  const mergeOnce = (rows: readonly StagedRow[]): Promise<BatchOutcome> =>
    sql.begin(async (transaction) => {
      const lines = rows.map(({ position, line }) => `${position}\t${line}\n`);
      await copyText(transaction, "import_batch", lines.join(""));
      const { count } = await transaction.unsafe(noteKeysSql(target));
      const repeated =
        count === rows.length
          ? []
          : await transaction.unsafe<{ position: string }[]>(dropRepeatedSql(target));
      const rejected = repeated.map(({ position }) => ({
        position: Number(position),
        ...problem("repeated", "an earlier record of this import has the same key"),
      }));
      if (target.refuseSql !== undefined) {
        const found = await transaction.unsafe<
          { position: string; reason: string; detail: string }[]
        >(target.refuseSql);
        rejected.push(...found.map((row) => ({ ...row, position: Number(row.position) })));
      }
      const [counts] = await transaction.unsafe<{ inserted: string; updated: string }[]>(
        options.isDryRun ? previewSql(target) : writeSql(target),
      );
      const inserted = Number(counts?.inserted);
      const updated = Number(counts?.updated);
      if (inserted + updated > 0 && !options.isDryRun) await options.onWritten(transaction);
      return {
        inserted,
        updated,
        same: rows.length - rejected.length - inserted - updated,
        rejected,
      };
    }) as Promise<BatchOutcome>;

  const mergePatiently = async (rows: readonly StagedRow[]): Promise<BatchOutcome> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await mergeOnce(rows);
      } catch (error) {
        if (!TRANSIENT.has(sqlState(error)) || attempt >= ATTEMPTS_MAX) throw error;
      }
    }
  };

  /** Halves a batch that fails, until the faulty row is alone. */
  const merge = async (rows: readonly StagedRow[]): Promise<BatchOutcome> => {
    try {
      return await mergePatiently(rows);
    } catch (error) {
      // Classes 22 (data), 23 (constraints) and 54 (limits) are errors of rows, all others of the database.
      if (!/^(?:22|23|54)/.test(sqlState(error))) throw error;
      const [only] = rows;
      if (rows.length === 1 && only !== undefined) {
        const detail = error instanceof Error ? error.message : String(error);
        const rejection = {
          position: only.position,
          ...problem("database", `the database refuses it: ${detail}`),
        };
        return { inserted: 0, updated: 0, same: 0, rejected: [rejection] };
      }
      const middle = Math.ceil(rows.length / 2);
      const first = await merge(rows.slice(0, middle));
      const second = await merge(rows.slice(middle));
      return {
        inserted: first.inserted + second.inserted,
        updated: first.updated + second.updated,
        same: first.same + second.same,
        rejected: [...first.rejected, ...second.rejected],
      };
    }
  };

  return { merge };
}

/** Drops the temporary tables and resets the session's settings. */
export async function closeSession(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    drop table if exists pg_temp.import_batch, pg_temp.import_seen;
    reset statement_timeout;
    reset lock_timeout;
    reset idle_in_transaction_session_timeout;
    reset client_min_messages`);
}

function sqlState(error: unknown): string {
  return error instanceof postgres.PostgresError ? error.code : "";
}

const keyOf = ({ keySql, name }: Target) => `('${name} ' || (${keySql})) collate "C"`;

/** Notes the keys of a batch that did not occur earlier in the batch or the run, each with its first record. */
function noteKeysSql(target: Target): string {
  return `
    insert into import_seen (key, position)
    select ${keyOf(target)} as key, s.position from import_batch s order by key, s.position
    on conflict do nothing`;
}

/** Removes the records of a batch whose key occurred earlier, and returns their positions. */
function dropRepeatedSql(target: Target): string {
  return `
    delete from import_batch s where not exists (
      select from import_seen seen where seen.key = ${keyOf(target)}
        and seen.position = s.position and seen.batch = pg_current_xact_id())
    returning s.position::text as position`;
}

function previewSql({ pendingSql }: Target): string {
  return `
    with pending as (${pendingSql})
    select count(*) filter (where is_new)::text as inserted, count(*) filter (where not is_new)::text as updated
    from pending`;
}

function writeSql({ pendingSql, writeSql: write }: Target): string {
  return `
    with pending as materialized (${pendingSql}), ${write}
    select (select count(*) from inserted)::text as inserted, (select count(*) from updated)::text as updated`;
}
