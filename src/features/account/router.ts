import { NoInput } from "../../trpc/inputs.ts";
import { router, userProcedure } from "../../trpc/procedures.ts";
import { eraseUser, exportUser } from "./queries.ts";
import { EraseOutput, Export } from "./schemas.ts";

export const accountRouter = router({
  /**
   * Everything that is kept about the caller, in one document.
   * Units: about 0.5 KB a scan, 0.1 KB a favourite or an alert that was read.
   * Errors: UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: every table that names a user: `scans`, `favorites`, `alert_reads`, `scan_removals`, `favorite_removals`,
   * `devices`, `push_preferences`, `deliveries`.
   */
  export: userProcedure
    .meta({ cost: 20 })
    .input(NoInput)
    .output(Export)
    .query(async ({ ctx }) => ({
      userId: ctx.user.id,
      exportedAt: ctx.now().toISOString(),
      ...(await ctx.reads.readAsUser(ctx.user.id, (db) => exportUser(db, ctx.user.id))),
    })),

  /**
   * Deletes everything that is kept about the caller, at once and for good; no cache holds any of it.
   * Units: rows that were deleted.
   * Errors: UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  erase: userProcedure
    .meta({ cost: 20 })
    .input(NoInput)
    .output(EraseOutput)
    .mutation(({ ctx }) => eraseUser(ctx.db, ctx.user.id)),
});
