import { z } from "zod";
import { BOYCOTT_LEVELS } from "../../db/tables/vocabulary.ts";
import { writtenBarcode } from "../../trpc/barcode-input.ts";
import { openEnum } from "../../trpc/open-enum.ts";
import { nameText, optional, plainText, webAddress } from "../../trpc/inputs.ts";
import { schemaError } from "../../texts/text.ts";

const level = z.enum(BOYCOTT_LEVELS);

export const BoycottTarget = z.object({
  id: z.uuid(),
  companyName: z.string(),
  brands: z.array(z.string()),
  parentCompany: z.string().nullable(),
  /** The kind of group that calls for the boycott. */
  level,
  reasons: z.array(z.string()),
  sourceUrl: z.string().nullable(),
  /** Units: leading digits of a GTIN-13. */
  gtinPrefixes: z.array(z.string()),
  active: z.boolean(),
  /** Units: ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Units: ISO 8601, UTC. */
  updatedAt: z.iso.datetime(),
});
export type BoycottTarget = z.infer<typeof BoycottTarget>;

export const BoycottList = z.object({ items: z.array(BoycottTarget) });

/** By what a target was found, the surest first; a later version may find it by other things. */
export const MATCH_KINDS = ["company", "brand", "parent", "gtin_prefix"] as const;
const matchedBy = openEnum(MATCH_KINDS);

export const CheckInput = z
  .strictObject({
    /** One brand, or several separated by commas, as packages and Open Food Facts have them. */
    brand: plainText(200).apply(optional),
    /** GTIN-8, 12, 13, 14 or UPC-E, in any usual spelling, or what a scanner reads. */
    barcode: writtenBarcode.apply(optional),
  })
  .refine(({ brand, barcode }) => brand !== undefined || barcode !== undefined, {
    error: schemaError("brand_or_barcode"),
  });

/** A target with how it was found. */
export const MatchedTarget = BoycottTarget.extend({
  /** `parent`: the company asked for owns this target, or owns what was asked for. */
  matchedBy,
});
export type MatchedTarget = z.infer<typeof MatchedTarget>;

export const CheckOutput = z.object({
  /** True when a target was found by name; a barcode's prefix alone never makes it true. */
  boycotted: z.boolean(),
  /** The surest first, hints by barcode prefix last. */
  targets: z.array(MatchedTarget),
  /** The surest of the targets'; null without targets. */
  matchedBy: matchedBy.nullable(),
});
export type CheckOutput = z.infer<typeof CheckOutput>;

/** The fields that an administrator sets; a field that is left out keeps its value, null empties it. */
export const UpsertTargetInput = z.strictObject({
  /** Without it the target is the one whose company has this name, after normalisation. */
  id: z.uuid().apply(optional),
  companyName: nameText(200),
  brands: z.array(nameText(200)).max(500).apply(optional),
  parentCompany: nameText(200).nullable().optional(),
  level,
  reasons: z.array(plainText(1000)).max(50).apply(optional),
  sourceUrl: webAddress.nullable().optional(),
  gtinPrefixes: z
    .array(z.string().regex(/^[0-9]{4,12}$/, { error: schemaError("gtin_start") }))
    .max(200)
    .apply(optional),
  active: z.boolean().apply(optional),
});
export type UpsertTargetInput = z.infer<typeof UpsertTargetInput>;

export const TargetIdInput = z.strictObject({ id: z.uuid() });
export const TargetIdOutput = TargetIdInput;
