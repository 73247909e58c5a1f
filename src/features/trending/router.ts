import { publicProcedure, router } from "../../trpc/procedures.ts";
import { listTrending } from "./queries.ts";
import { TrendingInput, TrendingOutput } from "./schemas.ts";

export const trendingRouter = router({
  /**
   * The products that most users scanned within the last seven whole days, everywhere or in a cell; only those that at
   * least 20 users scanned. It changes once a day.
   * Units: users, in tens and with noise.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `scans` table, rolled up by day, product and cell.
   */
  products: publicProcedure
    .input(TrendingInput)
    .output(TrendingOutput)
    .query(async ({ ctx, input }) => ({
      items: await ctx.reads.readPublic((db) => listTrending(db, input.cell5 ?? "", input.limit)),
    })),
});
