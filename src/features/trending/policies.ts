import type { CachedQuery } from "../../cache/policy.ts";
import { VARIANTS_KEPT } from "../../trpc/fast-query.ts";
import { listTrending } from "./queries.ts";
import type { TrendingProduct } from "./schemas.ts";

/** A geohash of five characters, or nothing for everywhere. */
export interface TrendingParameters {
  readonly cell5: string;
}

/** Entries of `trending.products`: the longest list that may be asked for, of each cell. */
export const trendingPolicy: CachedQuery<TrendingParameters, readonly TrendingProduct[]> = {
  name: "trending",
  shape: "trending-1",
  key: ({ cell5 }) => `trending:${cell5}`,
  isAffected: ({ topic, ref }, _parameters, value) =>
    topic === "trending" ||
    (topic === "product" &&
      (value === undefined || ref === null || value.some(({ barcode }) => ref.includes(barcode)))),
  // By limit.
  answersKept: VARIANTS_KEPT,
  query: (db, { cell5 }) => listTrending(db, cell5),
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as TrendingProduct[],
};
