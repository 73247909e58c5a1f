import { type SQL, sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { isoInstant, textArray } from "../../db/sql-fragments.ts";
import type { AlertSeverity } from "../../db/tables/vocabulary.ts";
import type {
  CategoriesOutput,
  ListCursor,
  ListedAlert,
  MarkReadInput,
  PublishInput,
  UnreadOutput,
  UpdateInput,
  WrittenAlert,
} from "./schemas.ts";

/** A `WrittenAlert`, from the alias `a`. */
export const alertColumns: SQL = sql`a.id, a.language, a.texts, a.title, a.summary, a.content, a.severity, a.category,
  a.image_url as "imageUrl", a.source_url as "sourceUrl", ${isoInstant(sql`a.published_at`)} as "publishedAt",
  ${isoInstant(sql`a.expires_at`)} as "expiresAt",
  case when a.recall_barcodes is not null then json_build_object(
    'barcodes', a.recall_barcodes, 'lots', a.recall_lots, 'brand', a.recall_brand, 'risk', a.recall_risk,
    'whatToDo', a.recall_what_to_do, 'countries', a.recall_countries) end as "recall"`;

/** A list without pages must not grow beyond this. */
const CATEGORIES_MAX = 100;

type AlertRow = WrittenAlert & Record<string, unknown>;

/** An alert of a list as it was written. */
export type ListedRow = WrittenAlert & Pick<ListedAlert, "readAt">;

/** Not retracted, published and not expired. */
function isShown(now: Date): SQL {
  const at = now.toISOString();
  return sql`a.is_active and a.published_at <= ${at}::timestamptz
    and (a.expires_at is null or a.expires_at > ${at}::timestamptz)`;
}

/** A page of the alerts that are shown now, newest first, with when the reader read them; one row more than `limit`. */
export async function listAlerts(
  db: Db,
  now: Date,
  asked: {
    readonly severity: AlertSeverity | undefined;
    readonly category: string | undefined;
    readonly limit: number;
    readonly after: ListCursor | null;
    /** A user's id; null for a caller who is not signed in. */
    readonly readerId: string | null;
  },
): Promise<ListedRow[]> {
  const { severity, category, limit, after, readerId } = asked;
  const conditions: SQL[] = [
    isShown(now),
    ...(severity === undefined ? [] : [sql`a.severity = ${severity}`]),
    ...(category === undefined ? [] : [sql`a.category = ${category}`]),
    ...(after === null
      ? []
      : [sql`(a.published_at, a.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`]),
  ];
  const page = sql`from alerts a where ${sql.join(conditions, sql` and `)}
    order by a.published_at desc, a.id desc limit ${limit + 1}`;
  if (readerId === null)
    return await db.execute<ListedRow & Record<string, unknown>>(
      sql`select ${alertColumns}, null as "readAt" ${page}`,
    );
  // The reader's rows are a block of their own, which stays apart from the alerts on a distributed database, too.
  return await db.execute<ListedRow & Record<string, unknown>>(sql`
    with mine as materialized (
      select alert_id, read_at from alert_reads where user_id = ${readerId}::uuid
    )
    select ${alertColumns}, ${isoInstant(sql`r.read_at`)} as "readAt"
    from (select * ${page}) as a left join mine r on r.alert_id = a.id
    order by a.published_at desc, a.id desc`);
}

/** The newest alerts that are shown now or will be; one more than `limit`. */
export async function listLatest(db: Db, limit: number): Promise<Loaded<WrittenAlert[]>> {
  const [row] = await db.execute<{ snapshot: string; items: WrittenAlert[] }>(sql`
    select pg_current_snapshot()::text as "snapshot", coalesce((
      select json_agg(latest) from (
        select ${alertColumns} from alerts a where a.is_active and (a.expires_at is null or a.expires_at > now())
        order by a.published_at desc, a.id desc limit ${limit + 1}
      ) as latest
    ), '[]') as "items"`);
  if (row === undefined) throw new Error("the alerts' query gave no row");
  return { value: row.items, snapshot: row.snapshot };
}

/** When a reader read some alerts, by their ids. */
export async function listReads(
  db: Db,
  readerId: string,
  alertIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.execute<{ id: string; readAt: string }>(sql`
    select alert_id as "id", ${isoInstant(sql`read_at`)} as "readAt" from alert_reads
    where user_id = ${readerId}::uuid
      and alert_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(alertIds)}::jsonb))`);
  return new Map(rows.map(({ id, readAt }) => [id, readAt]));
}

/** The categories of the alerts that are shown now, the most frequent first. */
export async function countCategories(db: Db, now: Date): Promise<CategoriesOutput["items"]> {
  return await db.execute<{ category: string; count: number }>(sql`
    select a.category, count(*)::int as "count" from alerts a where ${isShown(now)}
    group by a.category order by count(*) desc, a.category collate "C" limit ${CATEGORIES_MAX}`);
}

/** One alert that is shown now, or null. */
export async function findAlert(db: Db, now: Date, id: string): Promise<WrittenAlert | null> {
  const [row] = await db.execute<AlertRow>(
    sql`select ${alertColumns} from alerts a where a.id = ${id}::uuid and ${isShown(now)}`,
  );
  return row ?? null;
}

/** How many of the alerts that are shown now a user has not read. */
export async function countUnread(db: Db, now: Date, userId: string): Promise<UnreadOutput> {
  const [row] = await db.execute<UnreadOutput & Record<string, unknown>>(sql`
    with mine as materialized (
      select alert_id from alert_reads where user_id = ${userId}::uuid
    )
    select count(*)::int as "count", json_build_object(
      'info', count(*) filter (where a.severity = 'info'),
      'warning', count(*) filter (where a.severity = 'warning'),
      'critical', count(*) filter (where a.severity = 'critical')
    ) as "bySeverity"
    from alerts a
    where ${isShown(now)} and not exists (select from mine r where r.alert_id = a.id)`);
  if (row === undefined) throw new Error("the count of unread alerts gave no row");
  return row;
}

/** Marks alerts as read by a user; ids that no alert has are passed over. */
export async function insertReads(
  db: Db,
  now: Date,
  userId: string,
  which: MarkReadInput,
): Promise<void> {
  const wanted = "ids" in which ? JSON.stringify(which.ids) : null;
  await db.execute(
    sql`select mark_alerts_read(${userId}::uuid, ${now.toISOString()}::timestamptz, ${wanted}::jsonb)`,
  );
}

const distinct = (texts: readonly string[]): SQL => textArray([...new Set(texts)]);

/** The columns of a recall with their values; all null where the alert is none. */
function recallColumns(recall: PublishInput["recall"]): readonly (readonly [string, SQL])[] {
  return [
    ["recall_barcodes", recall ? distinct(recall.barcodes) : sql`null::text[]`],
    ["recall_lots", recall ? distinct(recall.lots) : sql`null::text[]`],
    ["recall_brand", sql`${recall?.brand ?? null}::text`],
    ["recall_risk", sql`${recall?.risk ?? null}::text`],
    ["recall_what_to_do", sql`${recall?.whatToDo ?? null}::text`],
    ["recall_countries", recall ? distinct(recall.countries) : sql`null::text[]`],
  ];
}

/** Adds an alert. Errors: a check violation when it expires before it is published. */
export async function insertAlert(db: Db, now: Date, alert: PublishInput): Promise<WrittenAlert> {
  const recall = recallColumns(alert.recall);
  const names = recall.map(([name]) => sql.identifier(name));
  const values = recall.map(([, value]) => value);
  const [row] = await db.execute<AlertRow>(sql`
    insert into alerts as a (language, texts, title, summary, content, severity, category, image_url, source_url, published_at, expires_at,
      ${sql.join(names, sql`, `)})
    values (${alert.language}, ${JSON.stringify(alert.texts ?? {})}::jsonb, ${alert.title}, ${alert.summary}, ${alert.content ?? null}, ${alert.severity}, ${alert.category},
      ${alert.imageUrl ?? null}, ${alert.sourceUrl ?? null},
      ${alert.publishedAt ?? now.toISOString()}::timestamptz, ${alert.expiresAt ?? null}::timestamptz,
      ${sql.join(values, sql`, `)})
    returning ${alertColumns}`);
  if (row === undefined) throw new Error("the insert of an alert gave no row");
  return row;
}

/** Whether other words are given, of which the translations that were there are none. */
function isReworded(changes: Omit<UpdateInput, "id">): boolean {
  const { title, summary, content, recall, language } = changes;
  return [title, summary, content, recall, language].some((one) => one !== undefined);
}

/**
 * Changes an alert that is not retracted, and keeps imports from it, or gives null. Translations of words that are
 * changed are dropped unless new ones come with them, because a correction must reach every reader.
 * Errors: a check violation as in `insertAlert`.
 */
export async function updateAlert(
  db: Db,
  { id, ...changes }: UpdateInput,
): Promise<WrittenAlert | null> {
  const texts = changes.texts ?? (isReworded(changes) ? {} : undefined);
  const columns: readonly (readonly [string, string | null | undefined, string])[] = [
    ["language", changes.language, "text"],
    ["texts", texts && JSON.stringify(texts), "jsonb"],
    ["title", changes.title, "text"],
    ["summary", changes.summary, "text"],
    ["content", changes.content, "text"],
    ["severity", changes.severity, "text"],
    ["category", changes.category, "text"],
    ["image_url", changes.imageUrl, "text"],
    ["source_url", changes.sourceUrl, "text"],
    ["published_at", changes.publishedAt, "timestamptz"],
    ["expires_at", changes.expiresAt, "timestamptz"],
  ];
  const recall = changes.recall === undefined ? [] : recallColumns(changes.recall);
  const assignments = [
    // Also when nothing else is asked for, so that the row comes back.
    sql`is_locked = true`,
    ...recall.map(([name, value]) => sql`${sql.identifier(name)} = ${value}`),
    ...columns.flatMap(([name, value, type]) =>
      value === undefined ? [] : [sql`${sql.identifier(name)} = ${value}::${sql.raw(type)}`],
    ),
  ];
  const [row] = await db.execute<AlertRow>(sql`
    update alerts as a set ${sql.join(assignments, sql`, `)}
    where a.id = ${id}::uuid and (a.is_active or a.is_held) returning ${alertColumns}`);
  return row ?? null;
}

/** Takes an alert back from everybody, or refuses one that is held; tells whether it was there. */
export async function retractAlert(db: Db, id: string): Promise<boolean> {
  const rows = await db.execute(
    sql`update alerts set is_active = false, is_held = false
      where id = ${id}::uuid and (is_active or is_held) returning id`,
  );
  return rows.length > 0;
}
