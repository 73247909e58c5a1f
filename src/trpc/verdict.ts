import { z } from "zod";
import { BOYCOTT_LEVELS, HALAL_STATUSES, MADHABS, VERDICT_BASES } from "../db/tables/vocabulary.ts";
import { VerdictReasonOutput } from "./product.ts";

const decision = z.object({
  halalStatus: z.enum(HALAL_STATUSES),
  /** Units: 0–1. */
  confidence: z.number().min(0).max(1),
});

/** The statuses for all four schools. */
export const BySchool = z.object({
  hanafi: decision,
  shafii: decision,
  maliki: decision,
  hanbali: decision,
});

/** The verdict on a product. */
export const Verdict = decision.extend({
  /** On what it rests: a certificate, a label's claim, what is printed on the product, or nothing. */
  basis: z.enum(VERDICT_BASES),
  /** The school for which it was decided; null: by the general rulings. */
  madhab: z.enum(MADHABS).nullable(),
  /** The deciding one first. */
  reasons: z.array(VerdictReasonOutput),
  bySchool: BySchool,
});

/** How a boycott target was found; `gtin_prefix` is a hint and no proof. */
const matchedBy = z.enum(["company", "brand", "parent", "gtin_prefix"]);

/** Whether a product belongs to a boycotted company. */
export const ProductBoycott = z.object({
  /** True when a target was found by name; a barcode's prefix alone never makes it true. */
  boycotted: z.boolean(),
  /** The surest first, hints by barcode prefix last. */
  targets: z.array(
    z.object({
      /** Of `boycott.byId`. */
      id: z.guid(),
      companyName: z.string(),
      level: z.enum(BOYCOTT_LEVELS),
      sourceUrl: z.string().nullable(),
      matchedBy,
    }),
  ),
  /** The surest of the targets'; null without targets. */
  matchedBy: matchedBy.nullable(),
});
export type ProductBoycott = z.infer<typeof ProductBoycott>;
