import type { VerdictReason } from "../../db/tables/products.ts";
import type { Db } from "../../db/client/database.ts";
import type { ErrorReason } from "../../error-reasons.ts";
import {
  barcodeFault,
  companyPrefixes,
  type ParsedBarcode,
  readBarcode,
} from "../../food/barcode.ts";
import type { Language } from "../../texts/language.ts";
import { inLanguage, type Text, text } from "../../texts/text.ts";
import { textOfIssue } from "../../trpc/issue-texts.ts";
import { sayReasons } from "../../verdict/said-reasons.ts";
import type { BarcodeRow, WantedBarcode } from "../../verdict/barcode-query.ts";
import type { Product } from "../../trpc/product.ts";
import type { Rulings } from "../../verdict/rulings.ts";
import { personalReasons } from "../../verdict/personal-reasons.ts";
import { recallsInForce, sayRecalls } from "../../verdict/recalls.ts";
import { evidenceOf } from "../../verdict/stored-product.ts";
import { decideVerdict } from "../../verdict/verdict.ts";
import { findUserEvidence, insertScans, type ScanProfile, type ScanRow } from "./queries.ts";
import { RecordInput, type RecordManyInput, type RecordOutcome } from "./schemas.ts";

/** A phone's clock may be wrong by this much, time zones taken for UTC included. */
const CLOCK_AHEAD_MAX_MS = 86_400_000;
/** New scans of one user in 24 hours, by the server's clock: ten times as many as anybody makes in a day's shopping. */
export const SCANS_PER_DAY_MAX = 5_000;

interface ReadyScan {
  readonly scan: RecordInput;
  readonly barcode: ParsedBarcode;
}
/** An outcome that is no scan; the text and the rest are those of the error of a single scan. */
interface Refusal extends Omit<Extract<RecordOutcome, { ok: false }>, "message"> {
  readonly text: Text;
  /** The field that the text is about. */
  readonly path: string | undefined;
  readonly reason: ErrorReason | undefined;
}
/** The outcome of a scan that was sent. */
type Outcome = Extract<RecordOutcome, { ok: true }> | Refusal;

/** The user whose scans are recorded, with the database and the clock. */
export interface Recorder {
  readonly db: Db;
  readonly userId: string;
  readonly now: Date;
  /** The rulings of the moment. */
  readonly rulings: () => Promise<Rulings>;
  /** Everything that is known of barcodes; recalls that are over may be among it. */
  readonly findBarcodes: (
    wanted: readonly WantedBarcode[],
  ) => Promise<readonly BarcodeRow<Product>[]>;
  readonly lookUp: ((gtin14: string) => boolean) | null;
  /** Of the reasons. */
  readonly language: Language;
}

/**
 * Records scans, each once whatever is sent again, and answers each in its place.
 * A scan that was there before, or twice in the batch, answers as it was recorded first; a removed one is not recorded.
 * Errors: SERVICE_UNAVAILABLE; what is wrong with one scan is told in its outcome.
 */
export async function recordScans(
  { db, userId, now, rulings: findRulings, findBarcodes, lookUp, language }: Recorder,
  scans: RecordManyInput["scans"],
): Promise<Outcome[]> {
  const readings = scans.map((scan) => readScan(scan, now));
  const ready = readings.flatMap((reading) => (isRefusal(reading) ? [] : [reading]));
  if (ready.length === 0) return readings.filter(isRefusal);

  const firstById = new Map<string, ReadyScan>();
  for (const one of ready) if (!firstById.has(one.scan.id)) firstById.set(one.scan.id, one);
  const barcodes = new Map(ready.map(({ barcode }) => [barcode.gtin14, barcode]));
  const wanted = [...barcodes.values()].map((barcode) => ({
    barcode: barcode.gtin14,
    prefixes: companyPrefixes(barcode.gtin14),
  }));
  const [{ recorded, profile }, barcodeRows, rulings] = await Promise.all([
    findUserEvidence(db, userId, [...firstById.keys()]),
    findBarcodes(wanted),
    findRulings(),
  ]);
  const knownByBarcode = new Map(barcodeRows.map((row) => [row.barcode, row]));
  const rows = new Map(recorded.map((row) => [row.id, row]));

  const added: ScanRow[] = [];
  const refused = new Set<string>();
  for (const [id, { scan, barcode }] of firstById) {
    const row = knownByBarcode.get(barcode.gtin14);
    if (rows.has(id) || row === undefined) continue;
    const evidence = evidenceOf(row.stored, rulings, {
      inStore: barcode.inStore,
      boycottTargets: profile?.avoidBoycotted === false ? [] : row.boycottTargets,
    });
    const verdict = decideVerdict(evidence, scan.madhab ?? profile?.madhab ?? undefined);
    added.push({
      id,
      barcode: barcode.gtin14,
      scannedAt: scan.scannedAt ?? now.toISOString(),
      latitude: scan.latitude ?? null,
      longitude: scan.longitude ?? null,
      ...verdict,
      reasons: [...verdict.reasons, ...warnings(row, profile, rulings)],
    });
  }
  if (added.length > 0) {
    // A scan that its user has removed is answered like the others, and stays removed.
    for (const row of added) rows.set(row.id, row);
    const inserted = await insertScans(db, userId, added, SCANS_PER_DAY_MAX);
    for (const row of inserted.rows) rows.set(row.id, row);
    for (const id of inserted.tooMany) refused.add(id);
  }

  return readings.map((reading): Outcome => {
    if (isRefusal(reading)) return reading;
    const { id } = reading.scan;
    if (refused.has(id)) {
      const tooMany = text("too_many_scans", { maximum: SCANS_PER_DAY_MAX });
      return refusal(id, "TOO_MANY_REQUESTS", tooMany, { reason: "too_many_scans" });
    }
    const row = rows.get(id);
    if (row === undefined) throw new Error("a recorded scan has no row");
    if (row.barcode !== reading.barcode.gtin14) {
      return refusal(id, "CONFLICT", text("scan_id_taken"));
    }
    const known = knownByBarcode.get(row.barcode);
    const { reasons, basis, madhab, bySchool, ...scan } = row;
    const { halalStatus, confidence } = row;
    return {
      id,
      ok: true,
      scan,
      product: known?.product ?? null,
      recalls: sayRecalls(recallsInForce(known?.recalls ?? [], now), language),
      lookup:
        known !== undefined && known.product === null && lookUp?.(row.barcode) === true
          ? "started"
          : null,
      verdict: {
        halalStatus,
        basis,
        confidence,
        madhab,
        bySchool,
        reasons: sayReasons(reasons, language, rulings),
      },
    };
  });
}

function warnings(
  { stored, product }: BarcodeRow<Product>,
  profile: ScanProfile | null,
  rulings: Rulings,
): VerdictReason[] {
  if (stored === null || profile === null) return [];
  return personalReasons({ ...stored, allergens: product?.allergens ?? [] }, profile, rulings);
}

/** Says what is wrong with a scan. */
export function refusalIn({ text, path }: Refusal, language: Language): string {
  return `${path === undefined || path === "" ? "" : `${path}: `}${inLanguage(text, language)}`;
}

function refusal(
  id: string,
  code: Refusal["code"],
  text: Text,
  { reason, path }: { readonly reason?: ErrorReason; readonly path?: string } = {},
): Refusal {
  return { id, ok: false, code, text, reason, path };
}

function isRefusal(reading: ReadyScan | Refusal): reading is Refusal {
  return "ok" in reading;
}

function readScan(sent: RecordManyInput["scans"][number], now: Date): ReadyScan | Refusal {
  const refuse = (path: string, told: Text, reason: ErrorReason = "invalid_input"): Refusal =>
    refusal(sent.id, "BAD_REQUEST", told, { path, reason });
  const parsed = RecordInput.safeParse(sent);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return issue === undefined
      ? refusal(sent.id, "BAD_REQUEST", text("not_a_scan"), { reason: "invalid_input" })
      : refuse(issue.path.map(String).join("."), textOfIssue(issue));
  }
  const scan = parsed.data;
  const reading = readBarcode(scan.barcode);
  if (!reading.ok) return refuse("barcode", reading.text, barcodeFault(reading));
  const scannedAtMs = Date.parse(scan.scannedAt ?? now.toISOString());
  if (scannedAtMs > now.getTime() + CLOCK_AHEAD_MAX_MS) {
    return refuse("scannedAt", text("scan_far_ahead"));
  }
  return { scan, barcode: reading.barcode };
}
