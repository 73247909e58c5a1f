import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { VerdictReason } from "../../db/tables/products.ts";
import type { VerdictBySchool } from "../../db/tables/scans.ts";
import type { Allergen, Madhab, VerdictBasis } from "../../db/tables/vocabulary.ts";
import type { Product } from "../../trpc/product.ts";
import type { HistoryCursor, HistoryItem, Scan, StatsOutput } from "./schemas.ts";
import {
  BARCODE_JOINS,
  barcodeColumns,
  type BarcodeRow,
  type WantedBarcode,
} from "../../verdict/barcode-query.ts";
import { recallsOfBarcode, type StoredRecall } from "../../verdict/recalls.ts";

/** A scan as it lies in the table. */
export interface ScanRow extends Scan {
  readonly reasons: VerdictReason[];
  readonly basis: VerdictBasis;
  readonly madhab: Madhab | null;
  readonly bySchool: VerdictBySchool | null;
}

/** The fields of the user's profile that scans use. */
export interface ScanProfile {
  readonly madhab: Madhab | null;
  readonly allergens: readonly Allergen[];
  readonly avoidBoycotted: boolean;
  readonly avoidAdditives: readonly string[];
}

/** The rows of the user that recording reads. */
export interface UserEvidence {
  /** Those of the scans that are recorded. */
  readonly recorded: ScanRow[];
  /** Null: the user has none. */
  readonly profile: ScanProfile | null;
}

const scanColumns: SQL = sql`s.id, s.barcode, ${isoInstant(sql`s.scanned_at`)} as "scannedAt", s.latitude, s.longitude,
  s.halal_status as "halalStatus", s.confidence, s.reasons, s.basis, s.madhab, s.by_school as "bySchool"`;

/** Reads the user's profile, and which of the scans they have already recorded. */
export async function findUserEvidence(
  db: Db,
  userId: string,
  scanIds: readonly string[],
): Promise<UserEvidence> {
  const [row] = await db.execute<UserEvidence & Record<string, unknown>>(sql`
    select (
      select json_build_object('madhab', madhab, 'allergens', allergens, 'avoidBoycotted', avoid_boycotted,
        'avoidAdditives', avoid_additives)
      from profiles where user_id = ${userId}::uuid
    ) as "profile", coalesce((
      select json_agg(found) from (
        select ${scanColumns} from scans s
        where s.user_id = ${userId}::uuid
          and s.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(scanIds)}::jsonb))
      ) as found
    ), '[]') as "recorded"`);
  if (row === undefined) throw new Error("the evidence query gave no row");
  return row;
}

/**
 * Reads the evidence for each barcode, also for those that nobody has described. Apart from `findUserEvidence`, because
 * a distributed database would otherwise copy the tables of the catalogue to where the user's rows are.
 */
export async function findBarcodeEvidence(
  db: Db,
  wanted: readonly WantedBarcode[],
  now: Date,
): Promise<BarcodeRow<Product>[]> {
  return await db.execute<BarcodeRow<Product> & Record<string, unknown>>(sql`
    select ${barcodeColumns(now)}
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as wanted(barcode char(14), prefixes text[])
    ${sql.raw(BARCODE_JOINS)}`);
}

/** The outcome of scans that were sent. */
export interface InsertedScans {
  /** The rows that are there, also those that were there before. */
  readonly rows: ScanRow[];
  /** The ids of those that were one too many. */
  readonly tooMany: string[];
}

/**
 * Records scans with their verdicts, each once, in the order given. What the user has removed is not recorded again.
 * The ids must differ from one another. Units: `dailyMax` in new scans of 24 hours.
 */
export async function insertScans(
  db: Db,
  userId: string,
  scans: readonly ScanRow[],
  dailyMax: number,
): Promise<InsertedScans> {
  const sent = await db.execute<ScanRow & { outcome: string } & Record<string, unknown>>(sql`
    select r.outcome, ${scanColumns}, r.sent_id as "id"
    from record_scans(${userId}::uuid, ${JSON.stringify(scans)}::jsonb, ${dailyMax}::int) as r,
      lateral (select (r.recorded).*) as s`);
  const of = (wanted: string) =>
    sent.flatMap(({ outcome, ...row }) => (outcome === wanted ? [row] : []));
  return { rows: of("recorded"), tooMany: of("too_many").map(({ id }) => id) };
}

/** A scan of the history as its rows have it. */
export interface HistoryRow extends Omit<HistoryItem, "reasons" | "recalls"> {
  readonly reasons: VerdictReason[];
  readonly recalls: StoredRecall[];
}

/** A page of a user's scans, newest first, with what each product is called today; one row more than `limit`. */
export async function listScans(
  db: Db,
  userId: string,
  page: { readonly limit: number; readonly after: HistoryCursor | null; readonly now: Date },
): Promise<HistoryRow[]> {
  const { limit, after, now } = page;
  const beyond =
    after === null
      ? sql``
      : sql`and (scanned_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  // Only what the covering index holds is read of a product.
  return await db.execute<HistoryRow & Record<string, unknown>>(sql`
    with saved as materialized (
      select target_id from favorites where user_id = ${userId}::uuid and kind = 'product'
    )
    select ${scanColumns},
      case when p.barcode is not null
        then json_build_object('id', p.id, 'name', p.name, 'brand', p.brand, 'imageUrl', p.image_url) end as "product",
      coalesce(p.id in (select target_id from saved), false)
        or barcode_favorite_id(s.barcode::text) in (select target_id from saved) as "isFavorite",
      ${recallsOfBarcode(sql`s.barcode`, now)} as "recalls"
    from (
      select * from scans where user_id = ${userId}::uuid ${beyond}
      order by scanned_at desc, id desc limit ${limit + 1}
    ) as s left join products p on p.barcode = s.barcode
    order by s.scanned_at desc, s.id desc`);
}

/** A user's scans by status, and for how many days on end there has been one. Units: days in `timeZone`. */
export async function countScans(
  db: Db,
  userId: string,
  timeZone: string,
  now: Date,
): Promise<StatsOutput> {
  const [row] = await db.execute<StatsOutput & Record<string, unknown>>(sql`
    with mine as materialized (
      select halal_status, scanned_at from scans where user_id = ${userId}::uuid
    ), today as (
      select (${now.toISOString()}::timestamptz at time zone ${timeZone})::date as day
    ), days as (
      select distinct (scanned_at at time zone ${timeZone})::date as day from mine
    ), runs as (
      -- Days on end share the sum of a day and its place counted backwards.
      select days.day, days.day + (row_number() over (order by days.day desc))::int as run
      from days, today where days.day <= today.day
    )
    select count(*)::int as "total",
      json_build_object(
        'halal', count(*) filter (where halal_status = 'halal'),
        'haram', count(*) filter (where halal_status = 'haram'),
        'doubtful', count(*) filter (where halal_status = 'doubtful'),
        'unknown', count(*) filter (where halal_status = 'unknown')
      ) as "byStatus",
      (select count(*)::int from runs where run = (
        select max(runs.run) from runs, today where runs.day >= today.day - 1
      )) as "streakDays"
    from mine`);
  if (row === undefined) throw new Error("the count of scans gave no row");
  return row;
}

/** Removes one of a user's scans for good, also one that has yet to arrive; tells whether there was one. */
export async function deleteScan(db: Db, userId: string, id: string): Promise<boolean> {
  const [row] = await db.execute<{ removed: boolean }>(
    sql`select remove_scan(${userId}::uuid, ${id}::uuid) as "removed"`,
  );
  return row?.removed === true;
}
