import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import { isoInstant } from "../db/sql-fragments.ts";
import type { AlertText, AlertTexts } from "../db/tables/alerts.ts";
import type { AlertSeverity } from "../db/tables/vocabulary.ts";
import type { Language } from "../texts/language.ts";
import { translated } from "../texts/translations.ts";

/** A recall as it is shown beside a product, in one language. */
export interface Recall {
  readonly alertId: string;
  /** Of its texts; null: not known. */
  readonly language: Language | null;
  readonly title: string;
  readonly summary: string;
  readonly severity: AlertSeverity;
  readonly sourceUrl: string | null;
  /** Units: ISO 8601, UTC, also of the next. */
  readonly publishedAt: string;
  readonly expiresAt: string | null;
  /** None: all lots. */
  readonly lots: string[];
  readonly brand: string | null;
  readonly risk: string | null;
  readonly whatToDo: string | null;
  /** ISO 3166-1 alpha-2; none: not known. */
  readonly countries: string[];
}

/** A recall as it is kept: as it was written, and in other languages. */
export interface StoredRecall extends Recall {
  readonly texts: AlertTexts;
}

/** More recalls than this say nothing new about one product; the latest count. */
const RECALLS_MAX = 20;

/**
 * An expression: the recalls of a barcode as a JSON list, without those that are over or retracted. Those that begin
 * later are among them, so that what is kept of the answer stays right: `recallsInForce` picks and sorts.
 */
export function recallsOfBarcode(barcode: SQL, now: Date): SQL {
  return sql`coalesce((
    select json_agg(json_build_object(
      'alertId', r.id, 'language', r.language, 'texts', r.texts, 'title', r.title, 'summary', r.summary, 'severity', r.severity, 'sourceUrl', r.source_url,
      'publishedAt', ${isoInstant(sql`r.published_at`)}, 'expiresAt', ${isoInstant(sql`r.expires_at`)},
      'lots', r.recall_lots, 'brand', r.recall_brand, 'risk', r.recall_risk, 'whatToDo', r.recall_what_to_do,
      'countries', r.recall_countries))
    from alerts r
    where r.is_active and r.recall_barcodes @> array[${barcode}::text]
      and (r.expires_at is null or r.expires_at > ${now.toISOString()}::timestamptz)
  ), '[]')`;
}

/** Picks the recalls that are published and not over at a moment, the latest first. */
export function recallsInForce(recalls: readonly StoredRecall[], now: Date): StoredRecall[] {
  const at = now.toISOString();
  return recalls
    .filter(
      ({ publishedAt, expiresAt }) => publishedAt <= at && (expiresAt === null || expiresAt > at),
    )
    .toSorted((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1))
    .slice(0, RECALLS_MAX);
}

/** Until when the same recalls are in force: the next instant at which one begins or ends. Units: Unix milliseconds. */
export function recallsHoldUntil(recalls: readonly StoredRecall[], nowMs: number): number {
  const instants = recalls
    .flatMap(({ publishedAt, expiresAt }) => [publishedAt, expiresAt ?? publishedAt])
    .map((instant) => Date.parse(instant));
  return Math.min(...instants.filter((instant) => instant > nowMs));
}

/** Says recalls in a language; of a translation, what it leaves out is as it was written. */
export function sayRecalls(recalls: readonly StoredRecall[], language: Language): Recall[] {
  return recalls.map(({ texts, ...recall }) => {
    const said = translated<AlertText>(recall, recall.language, texts, language);
    const { title, summary, risk, whatToDo } = said.text;
    return {
      ...recall,
      language: said.language,
      title,
      summary,
      risk: risk ?? recall.risk,
      whatToDo: whatToDo ?? recall.whatToDo,
    };
  });
}

/** The recalls in force of each barcode that has any. Units: canonical GTIN-14. */
export async function recallsOfBarcodes(
  db: Db,
  barcodes: readonly string[],
  now: Date,
): Promise<Map<string, StoredRecall[]>> {
  const rows = await db.execute<{ barcode: string; recalls: StoredRecall[] }>(sql`
    select barcode, ${recallsOfBarcode(sql`barcode`, now)} as "recalls"
    from jsonb_array_elements_text(${JSON.stringify(barcodes)}::jsonb) as wanted(barcode)`);
  return new Map(
    rows.flatMap(({ barcode, recalls }) => {
      const inForce = recallsInForce(recalls, now);
      return inForce.length === 0 ? [] : [[barcode, inForce] as const];
    }),
  );
}
