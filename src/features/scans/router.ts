import { AppError } from "../../errors.ts";
import type { Context, User } from "../../trpc/context.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { router, userProcedure } from "../../trpc/procedures.ts";
import { withCache } from "../../cache/with-cache.ts";
import type { Product } from "../../trpc/product.ts";
import { productPolicy } from "../../trpc/product-policy.ts";
import type { BarcodeRow, WantedBarcode } from "../../verdict/barcode-query.ts";
import { countScans, deleteScan, findBarcodeEvidence, listScans } from "./queries.ts";
import { type Recorder, recordScans, refusalIn } from "./recording.ts";
import { recallsInForce, sayRecalls } from "../../verdict/recalls.ts";
import { sayReasons } from "../../verdict/said-reasons.ts";
import { currentRulings } from "../../verdict/rulings-policy.ts";
import {
  HistoryCursor,
  HistoryInput,
  HistoryOutput,
  RecordInput,
  RecordManyInput,
  RecordManyOutput,
  RecordOutput,
  RemoveInput,
  RemoveOutput,
  StatsInput,
  StatsOutput,
} from "./schemas.ts";
import { text } from "../../texts/text.ts";

/** Asks the entry of a single barcode, and for several the tables by one statement. */
async function findBarcodes(
  ctx: Context,
  wanted: readonly WantedBarcode[],
): Promise<readonly BarcodeRow<Product>[]> {
  const [single] = wanted;
  if (single === undefined || wanted.length > 1)
    return findBarcodeEvidence(ctx.db, wanted, ctx.now());
  const { value } = await withCache({ ...ctx, answers: [] }, productPolicy, single);
  return [value];
}

function recorderOf(ctx: Context & { readonly user: User }): Recorder {
  return {
    db: ctx.db,
    userId: ctx.user.id,
    now: ctx.now(),
    rulings: () => currentRulings(ctx),
    findBarcodes: (wanted) => findBarcodes(ctx, wanted),
    lookUp: ctx.lookUp,
    language: ctx.languages.language,
  };
}

export const scansRouter = router({
  /**
   * Records a scan once, however often it is sent, and answers with the product and the verdict.
   * Units: degrees, ISO 8601; confidence 0–1.
   * Errors: BAD_REQUEST (also a wrong check digit), CONFLICT (the id is another barcode's), TOO_MANY_REQUESTS (5,000 new
   * scans in 24 hours), UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the rules in docs/verdicts.md; GS1 General Specifications for barcodes.
   */
  record: userProcedure
    .meta({ isByLanguage: true })
    .input(RecordInput)
    .output(RecordOutput)
    .mutation(async ({ ctx, input }) => {
      const [outcome] = await recordScans(recorderOf(ctx), [input]);
      if (outcome === undefined) throw new Error("a scan was recorded without an outcome");
      if (!outcome.ok) {
        const { code, text, path, reason } = outcome;
        const wait = code === "TOO_MANY_REQUESTS" ? { retryAfterSeconds: 3_600 } : {};
        throw new AppError(code, text, {
          ...(reason && { reason }),
          ...(path && { path }),
          ...wait,
        });
      }
      const { scan, product, verdict, recalls, lookup } = outcome;
      return { scan, product, verdict, recalls, lookup };
    }),

  /**
   * Records what an offline phone collected; one bad scan does not fail the rest.
   * Units: as in `scans.record`.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE; those of one scan are in its outcome.
   * Source: as in `scans.record`.
   */
  recordMany: userProcedure
    .meta({ cost: 10, isByLanguage: true })
    .input(RecordManyInput)
    .output(RecordManyOutput)
    .mutation(async ({ ctx, input }) => {
      const { language } = ctx.languages;
      const outcomes = await recordScans(recorderOf(ctx), input.scans);
      return {
        outcomes: outcomes.map((outcome) => {
          if (outcome.ok) return outcome;
          const { id, ok, code } = outcome;
          return { id, ok, code, message: refusalIn(outcome, language) };
        }),
      };
    }),

  /**
   * The caller's scans, newest first, with the verdicts they were shown.
   * Units: instants in ISO 8601; degrees; confidence 0–1.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the `scans` table; products as in the `products` table.
   */
  history: userProcedure
    .meta({ isByLanguage: true })
    .input(HistoryInput)
    .output(HistoryOutput)
    .query(async ({ ctx, input }) => {
      const list = listId("scans.history", input);
      const after = decodeCursor(input.cursor, HistoryCursor, list);
      const now = ctx.now();
      const [rows, rulings] = await Promise.all([
        ctx.reads.readAsUser(ctx.user.id, (db) =>
          listScans(db, ctx.user.id, { limit: input.limit, after, now }),
        ),
        currentRulings(ctx),
      ]);
      const { language } = ctx.languages;
      const items = rows.map((row) => ({
        ...row,
        reasons: sayReasons(row.reasons, language, rulings),
        recalls: sayRecalls(recallsInForce(row.recalls, now), language),
      }));
      return cutPage(items, input.limit, list, ({ scannedAt, id }) => [scannedAt, id]);
    }),

  /**
   * How many scans the caller has, by status, and for how many days on end.
   * Units: days as the time zone has them, UTC by default.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the `scans` table; time zones after the IANA database.
   */
  stats: userProcedure
    .input(StatsInput)
    .output(StatsOutput)
    .query(({ ctx, input }) =>
      ctx.reads.readAsUser(ctx.user.id, (db) =>
        countScans(db, ctx.user.id, input.timeZone, ctx.now()),
      ),
    ),

  /**
   * Removes one of the caller's scans: sent again or late, it does not come back.
   * Errors: BAD_REQUEST, NOT_FOUND, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  remove: userProcedure
    .input(RemoveInput)
    .output(RemoveOutput)
    .mutation(async ({ ctx, input }) => {
      const isRemoved = await deleteScan(ctx.db, ctx.user.id, input.id);
      if (!isRemoved) throw new AppError("NOT_FOUND", text("no_scan"));
      return { id: input.id };
    }),
});
