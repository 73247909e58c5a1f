import { NoInput } from "../../trpc/inputs.ts";
import { router, userProcedure } from "../../trpc/procedures.ts";
import { inOnePiece } from "../../trpc/streamed-query.ts";
import { exportPieces } from "./export.ts";
import { eraseUser, findProfile, saveProfile } from "./queries.ts";
import { EraseOutput, Export, Profile, UpdateProfileInput } from "./schemas.ts";

/** Of users who said nothing. */
const NO_PROFILE: Profile = {
  madhab: null,
  languages: [],
  allergens: [],
  avoidBoycotted: true,
  avoidAdditives: [],
};

export const accountRouter = router({
  /**
   * The caller's own statements, which their scans follow.
   * Errors: UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the `profiles` table.
   */
  profile: userProcedure
    .input(NoInput)
    .output(Profile)
    .query(
      async ({ ctx }) =>
        (await ctx.reads.readAsUser(ctx.user.id, (db) => findProfile(db, ctx.user.id))) ??
        NO_PROFILE,
    ),

  /**
   * Changes the given fields of the caller's profile. Scans from then on follow the school, and warn of allergens and
   * additives in what is known of the product: no warning does not mean that there is none in it.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: allergens after Regulation (EU) 1169/2011, annex II.
   */
  updateProfile: userProcedure
    .input(UpdateProfileInput)
    .output(Profile)
    .mutation(({ ctx, input }) => saveProfile(ctx.db, ctx.user.id, input)),

  /**
   * Everything that is kept about the caller, in one document of any length.
   * Units: about 0.5 KB a scan, 0.1 KB a favourite or an alert that was read.
   * Errors: UNAUTHORIZED, SERVICE_UNAVAILABLE; PAYLOAD_TOO_LARGE when more than 1 MiB is asked for among other calls.
   * An error on the way ends the connection early.
   * Source: every table that names a user: `scans`, `favorites`, `alert_reads`, `scan_removals`, `favorite_removals`,
   * `profiles`, `reports`, `devices`, `push_preferences`, `deliveries`.
   */
  export: userProcedure
    .meta({ cost: 20, stream: exportPieces, isByLanguage: true })
    .input(NoInput)
    .output(Export)
    .query(inOnePiece(exportPieces)),

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
