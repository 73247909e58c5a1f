import { z } from "zod";
import { HALAL_STATUSES, MADHABS } from "../../db/tables/vocabulary.ts";
import { writtenBarcode } from "../../trpc/barcode-input.ts";
import { Product } from "../../trpc/product.ts";
import { Recall } from "../../trpc/recall.ts";
import { BySchool, Verdict } from "../../trpc/verdict.ts";
import { instantInput } from "../../trpc/instant.ts";
import { localeInput } from "../../trpc/languages.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { byDefault, optional, timeZoneName } from "../../trpc/inputs.ts";
import { schemaError } from "../../texts/text.ts";

const halalStatus = z.enum(HALAL_STATUSES);
/** Units: 0–1. */
const confidence = z.number().min(0).max(1);
/** Made by the phone, so that a scan can be sent again. */
const scanId = z.uuid().toLowerCase();
/** A position has both coordinates or none. */
function isWholePosition(scan: {
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
}): boolean {
  return (scan.latitude === undefined) === (scan.longitude === undefined);
}

export const RecordInput = z
  .strictObject({
    id: scanId,
    /** GTIN-8, -12, -13, -14 or UPC-E, or what a scanner reads: a GS1 Digital Link, `]C1…`, `(01)…`. */
    barcode: writtenBarcode,
    /** By default now. Units: ISO 8601, at most one day ahead. */
    scannedAt: instantInput.nullish(),
    /** Units: WGS 84 decimal degrees. */
    latitude: z.number().min(-90).max(90).apply(optional),
    /** Units: WGS 84 decimal degrees. Left out when unknown: JSON makes a null of NaN, which is no position. */
    longitude: z.number().min(-180).max(180).apply(optional),
    /** The school whose rulings the verdict follows; by default the profile's, else the general rulings. */
    madhab: z.enum(MADHABS).nullish(),
    locale: localeInput,
  })
  .refine(isWholePosition, { error: schemaError("whole_position"), path: ["longitude"] });
export type RecordInput = z.infer<typeof RecordInput>;

/** Types are checked for the whole batch, values scan by scan: one bad scan does not fail the rest. */
const BatchedScan = z.looseObject({
  id: z.string().max(100),
  barcode: z.string(),
  scannedAt: z.string().nullish(),
  latitude: z.number().nullish(),
  longitude: z.number().nullish(),
  madhab: z.string().nullish(),
});

export const RecordManyInput = z.strictObject({
  scans: z.array(BatchedScan).max(100),
  locale: localeInput,
});
export type RecordManyInput = z.infer<typeof RecordManyInput>;

export const Scan = z.object({
  id: z.guid(),
  /** Canonical GTIN-14. */
  barcode: z.string(),
  /** Units: ISO 8601, UTC. */
  scannedAt: z.iso.datetime(),
  /** Units: WGS 84 decimal degrees. */
  latitude: z.number().nullable(),
  /** Units: WGS 84 decimal degrees. */
  longitude: z.number().nullable(),
  halalStatus,
  confidence,
});
export type Scan = z.infer<typeof Scan>;

/** The answer to a scan. */
const ScanVerdict = Verdict.extend({
  /** Null for a scan from before it was recorded. */
  bySchool: BySchool.nullable(),
});

export const RecordOutput = z.object({
  scan: Scan,
  /** Null when nobody has described it yet. */
  product: Product.nullable(),
  /** As it was decided when the scan was recorded. */
  verdict: ScanVerdict,
  /** Of the barcode, in force now; the latest first. */
  recalls: z.array(Recall),
  /** `started`: nobody knows the barcode here, and it is being looked up elsewhere; look at it again in some seconds. */
  lookup: z.literal("started").nullable(),
});
export type RecordOutput = z.infer<typeof RecordOutput>;

export const RecordOutcome = z.discriminatedUnion("ok", [
  RecordOutput.extend({ id: z.string(), ok: z.literal(true) }),
  z.object({
    id: z.string(),
    ok: z.literal(false),
    code: z.enum(["BAD_REQUEST", "CONFLICT", "TOO_MANY_REQUESTS"]),
    message: z.string(),
  }),
]);
export type RecordOutcome = z.infer<typeof RecordOutcome>;

/** In the order of the scans that were sent. */
export const RecordManyOutput = z.object({ outcomes: z.array(RecordOutcome) });
export type RecordManyOutput = z.infer<typeof RecordManyOutput>;

export const HistoryInput = z.strictObject({ locale: localeInput, ...pageInput }).prefault({});
export type HistoryInput = z.infer<typeof HistoryInput>;

export const HistoryItem = Scan.extend({
  reasons: Verdict.shape.reasons,
  basis: Verdict.shape.basis,
  madhab: Verdict.shape.madhab,
  /** The product's name of today; null when nobody has described it yet. */
  product: z
    .object({
      id: z.guid(),
      name: z.string().nullable(),
      brand: z.string().nullable(),
      imageUrl: z.string().nullable(),
    })
    .nullable(),
  /** Whether the product is among the caller's favourites. */
  isFavorite: z.boolean(),
  /** Of the barcode, in force now; the latest first. */
  recalls: z.array(Recall),
});
export type HistoryItem = z.infer<typeof HistoryItem>;
export const HistoryOutput = pageOf(HistoryItem);

/** Where a page of the history begins: after this scan. */
export const HistoryCursor = z.tuple([instantInput, z.guid()]);
export type HistoryCursor = z.infer<typeof HistoryCursor>;

export const StatsInput = z
  .strictObject({
    /** In which days begin and end. Units: IANA name. */
    timeZone: timeZoneName.apply(byDefault("UTC")),
  })
  .prefault({});
export type StatsInput = z.infer<typeof StatsInput>;

const count = z.int().min(0);

export const StatsOutput = z.object({
  total: count,
  byStatus: z.object({ halal: count, haram: count, doubtful: count, unknown: count }),
  /** Consecutive days with a scan, up to today, or to yesterday while today has none yet. Units: days. */
  streakDays: count,
});
export type StatsOutput = z.infer<typeof StatsOutput>;

export const RemoveInput = z.strictObject({ id: z.guid() });
export const RemoveOutput = z.object({ id: z.guid() });
