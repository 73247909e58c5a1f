import { z } from "zod";
import { HALAL_STATUSES } from "../../db/tables/vocabulary.ts";
import { byDefault } from "../../trpc/inputs.ts";
import { schemaError } from "../../texts/text.ts";

/** Products of one answer. */
export const LIMIT_MAX = 50;

export const TrendingInput = z
  .strictObject({
    /** A geohash of five characters, about 5 km; without it everywhere. */
    cell5: z
      .string()
      .regex(/^[0-9b-hjkmnp-z]{5}$/, { error: schemaError("geohash5") })
      .nullish(),
    limit: z.int().min(1).max(LIMIT_MAX).apply(byDefault(20)),
  })
  .prefault({});
export type TrendingInput = z.infer<typeof TrendingInput>;

export const TrendingProduct = z.object({
  /** Canonical GTIN-14. */
  barcode: z.string(),
  /** Users within the week, with noise and in tens; at least 20. */
  users: z.int().min(20),
  /** Null: nobody has described it. */
  product: z
    .object({
      id: z.guid(),
      name: z.string(),
      brand: z.string().nullable(),
      imageUrl: z.string().nullable(),
      halalStatus: z.enum(HALAL_STATUSES),
    })
    .nullable(),
});
export type TrendingProduct = z.infer<typeof TrendingProduct>;

export const TrendingOutput = z.object({ items: z.array(TrendingProduct) });
