import { AppError } from "../../errors.ts";
import { companyPrefixes, parseBarcode } from "../../food/barcode.ts";
import { cachedQuery, inBytes, sharedAnswer } from "../../trpc/fast-query.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { barcodeCheck, checked } from "./check.ts";
import { boycottPolicy } from "./policies.ts";
import { findTarget, matchTargets, removeTarget, upsertTarget } from "./queries.ts";
import {
  BoycottList,
  BoycottTarget,
  CheckInput,
  CheckOutput,
  TargetIdInput,
  TargetIdOutput,
  UpsertTargetInput,
} from "./schemas.ts";
import { text } from "../../texts/text.ts";

const list = cachedQuery({
  input: NoInput,
  policy: boycottPolicy,
  isRepeated: true,
  parameters: () => null,
  answer: (active, { etag }) =>
    sharedAnswer(active, etag, "", () => BoycottList.parse({ items: active.targets })),
});

function noSuchTarget(id: string): AppError {
  return new AppError("NOT_FOUND", text("no_boycott_target", { id }));
}

export const boycottRouter = router({
  /**
   * The active targets, by company; of more than 1,000 the first 1,000.
   * Errors: SERVICE_UNAVAILABLE.
   * Source: the `boycott_targets` table; each target's own source is its `sourceUrl`.
   */
  list: publicProcedure
    .meta({ fast: list })
    .input(NoInput)
    .output(BoycottList)
    .query(inBytes(list)),

  /**
   * One target, active or not.
   * Errors: BAD_REQUEST, NOT_FOUND, SERVICE_UNAVAILABLE.
   * Source: the `boycott_targets` table; the target's own source is its `sourceUrl`.
   */
  byId: publicProcedure
    .input(TargetIdInput)
    .output(BoycottTarget)
    .query(async ({ ctx, input: { id } }) => {
      const target = await ctx.reads.readPublic((db) => findTarget(db, id));
      if (target === null) throw noSuchTarget(id);
      return target;
    }),

  /**
   * Whether a brand, or the brand of the product with a barcode, is an active target's, its company or its parent.
   * Names must be the same as a whole, but for case, accents, punctuation, ® and ™, spaces between words, Arabic marks
   * and letter forms, "and" for `&`, and the company's form (Inc., GmbH …); commas separate several brands.
   * `matchedBy` tells how each target was found. A GTIN prefix only says who registered the number, which brands
   * outlive when they are sold: such a target is listed as a hint, and `boycotted` is false if there are no others.
   * Errors: BAD_REQUEST (neither given, or no barcode), SERVICE_UNAVAILABLE.
   * Source: the `boycott_targets` and `products` tables; prefixes after the GS1 General Specifications.
   */
  check: publicProcedure
    .meta({ fast: barcodeCheck })
    .input(CheckInput)
    .output(CheckOutput)
    .query(async ({ ctx, input }) => {
      const call = barcodeCheck.parse(input);
      if (call !== undefined) {
        const { bytes } = await call.load(ctx);
        return JSON.parse(bytes.data.toString()) as CheckOutput;
      }
      const { brand, barcode } = input;
      const gtin14 = barcode === undefined ? null : parseBarcode(barcode).gtin14;
      const asked = {
        brand: brand ?? null,
        gtin14,
        gtinPrefixes: gtin14 === null ? [] : companyPrefixes(gtin14),
      };
      return checked(await ctx.reads.readPublic((db) => matchTargets(db, asked)));
    }),

  /**
   * Makes or changes a target, by its id or else by its company's name; what is left out stays as it is.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, CONFLICT (the name is another target's), SERVICE_UNAVAILABLE.
   */
  upsert: adminProcedure
    .input(UpsertTargetInput)
    .output(BoycottTarget)
    .mutation(({ ctx, input }) => upsertTarget(ctx.db, input)),

  /**
   * Removes a target for good; `upsert` with `active: false` keeps it out of sight instead.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, SERVICE_UNAVAILABLE.
   */
  remove: adminProcedure
    .input(TargetIdInput)
    .output(TargetIdOutput)
    .mutation(async ({ ctx, input: { id } }) => {
      if (!(await removeTarget(ctx.db, id))) throw noSuchTarget(id);
      return { id };
    }),
});
