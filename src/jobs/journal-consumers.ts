import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import {
  databaseIdSql,
  LINES_MAX,
  NOTED_EVERY_SECONDS,
  SEEN_MAX_SECONDS,
} from "../db/journal-fragments.ts";
import { textArray } from "../db/sql-fragments.ts";

/** A line of the journal, as a consumer gets it. */
export interface JournalLine {
  readonly topic: string;
  /** The changed row; null: any row of the topic. */
  readonly ref: string | null;
}

/** The lines that a consumer has not seen, or everything where the journal no longer knows. */
export type JournalChange =
  | { readonly kind: "lines"; readonly lines: readonly JournalLine[] }
  | { readonly kind: "everything" };

/**
 * Follows the journal so that no line is missed, over restarts and in any number of workers. Its effects and its place
 * are committed together; a place is a `pg_snapshot`, because ids are given before their transactions commit.
 *
 *     { name: "products-analyse", topics: ["analysis"], take: (transaction) => enqueue(transaction) }
 */
export interface JournalConsumer {
  readonly name: string;
  readonly topics: readonly string[];
  /** The consumer's effects, by statements of the transaction only. */
  readonly take: (transaction: Db, change: JournalChange) => Promise<void>;
}

interface Reading extends Record<string, unknown> {
  readonly databaseId: string;
  readonly snapshot: string;
  /** Not of this database or too old, so that lines may be gone. */
  readonly isLost: boolean;
  readonly isStale: boolean;
  readonly lines: readonly JournalLine[];
}

/**
 * Takes what a consumer has not seen yet; tells whether there was something. While another worker does it, nothing.
 * Errors: those of the database and of the effects, with the place as it was.
 */
export async function consumeJournal(db: Db, consumer: JournalConsumer): Promise<boolean> {
  return await db.transaction(async (transaction) => {
    await transaction.execute(sql`
      insert into journal_consumers (name, database_id, seen, seen_at)
      values (${consumer.name}, '', '1:1:', '-infinity') on conflict do nothing`);
    const [place] = await transaction.execute<{ databaseId: string; seen: string }>(sql`
      select database_id as "databaseId", seen::text as "seen" from journal_consumers
      where name = ${consumer.name} for update skip locked`);
    if (place === undefined) return false;
    const [reading] = await transaction.execute<Reading>(unseen(consumer, place));
    if (reading === undefined) throw new Error("the journal gave no row");
    const { isLost, isStale, lines, databaseId, snapshot } = reading;
    const isEverything = isLost || lines.length > LINES_MAX;
    const hasCome = isEverything || lines.length > 0;
    if (hasCome)
      await consumer.take(
        transaction,
        isEverything ? { kind: "everything" } : { kind: "lines", lines },
      );
    if (hasCome || isStale)
      await transaction.execute(sql`
        update journal_consumers set database_id = ${databaseId}, seen = ${snapshot}::pg_snapshot, seen_at = now()
        where name = ${consumer.name}`);
    return hasCome;
  });
}

/** Lines and the snapshot come from one statement: what it did not see, the next reading does. */
function unseen(
  { name, topics }: JournalConsumer,
  { databaseId, seen }: { readonly databaseId: string; readonly seen: string },
): SQL {
  const known = textArray(topics);
  return sql`
    select here.id as "databaseId", pg_current_snapshot()::text as "snapshot",
      here.id <> ${databaseId} or c.seen_at < now() - make_interval(secs => ${SEEN_MAX_SECONDS}) as "isLost",
      c.seen_at < now() - make_interval(secs => ${NOTED_EVERY_SECONDS}) as "isStale",
      coalesce((
        select json_agg(json_build_object('topic', topic, 'ref', ref) order by id) from (
          select id, topic, ref from cache_events
          where xid >= pg_snapshot_xmin(${seen}::pg_snapshot) and not pg_visible_in_snapshot(xid, ${seen}::pg_snapshot)
            and topic = any(${known})
          limit ${LINES_MAX + 1}
        ) as lines), '[]') as "lines"
    from journal_consumers c, (select ${databaseIdSql} as id) as here
    where c.name = ${name}`;
}

/** Runs all consumers when there may be something, one run at a time. */
export class JournalConsumers {
  readonly #run: () => Promise<void>;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  readonly topics: ReadonlySet<string>;

  constructor(
    db: Db,
    consumers: readonly JournalConsumer[],
    onError: (consumer: string, error: unknown) => void,
  ) {
    this.topics = new Set(consumers.flatMap(({ topics }) => topics));
    this.#run = async () => {
      for (const consumer of consumers)
        try {
          await consumeJournal(db, consumer);
        } catch (error) {
          onError(consumer.name, error);
        }
    };
  }

  /** Reads on, also what was written during a run that is under way. */
  wake(): void {
    this.#isAskedAgain = true;
    this.#running ??= this.#runWhileAsked().finally(() => {
      this.#running = undefined;
    });
  }

  /** Waits for the run under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #runWhileAsked(): Promise<void> {
    while (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      await this.#run();
    }
  }
}
