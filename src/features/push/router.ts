import { router, userProcedure } from "../../trpc/procedures.ts";
import { registerDevice, savePreferences, unregisterDevice } from "./queries.ts";
import {
  Preferences,
  PreferencesInput,
  RegisterInput,
  RegisterOutput,
  UnregisterInput,
  UnregisterOutput,
} from "./schemas.ts";

export const pushRouter = router({
  /**
   * Registers the caller's phone for push notifications, again whenever the app starts; a phone that another user had
   * is the caller's from then on.
   * Units: a geohash of five characters; IANA time zones.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  register: userProcedure
    .input(RegisterInput)
    .output(RegisterOutput)
    .mutation(async ({ ctx, input }) => {
      await registerDevice(ctx.db, ctx.user.id, input);
      return { registered: true as const };
    }),

  /**
   * Forgets one of the caller's phones; nothing more is sent to it.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  unregister: userProcedure
    .input(UnregisterInput)
    .output(UnregisterOutput)
    .mutation(async ({ ctx, input }) => ({
      removed: await unregisterDevice(ctx.db, ctx.user.id, input.token),
    })),

  /**
   * Changes what is given of the caller's preferences, and answers all of them; with nothing given it only answers.
   * Units: times of day in the phone's time zone.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  preferences: userProcedure
    .input(PreferencesInput)
    .output(Preferences)
    .mutation(({ ctx, input }) => savePreferences(ctx.db, ctx.user.id, input)),
});
