import { cachedQuery, inBytes, sharedAnswer } from "../../trpc/fast-query.ts";
import { publicProcedure, router } from "../../trpc/procedures.ts";
import { trendingPolicy } from "./policies.ts";
import { TrendingInput, TrendingOutput } from "./schemas.ts";

const products = cachedQuery({
  input: TrendingInput,
  policy: trendingPolicy,
  isRepeated: true,
  parameters: ({ cell5 }) => ({ cell5: cell5 ?? "" }),
  answer: (items, { input: { limit }, etag }) =>
    sharedAnswer(items, etag, `-${limit}`, () =>
      TrendingOutput.parse({ items: items.slice(0, limit) }),
    ),
});

export const trendingRouter = router({
  /**
   * The products that most users scanned within the last seven whole days, everywhere or in a cell; only those that at
   * least 20 users scanned. It changes once a day.
   * Units: users, in tens and with noise.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `scans` table, rolled up by day, product and cell.
   */
  products: publicProcedure
    .meta({ fast: products })
    .input(TrendingInput)
    .output(TrendingOutput)
    .query(inBytes(products)),
});
