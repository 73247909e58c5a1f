import { inputError } from "../../errors.ts";
import { text } from "../../texts/text.ts";
import { cachedQuery, inBytes, sharedAnswer } from "../../trpc/fast-query.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { appConfigPolicy } from "./policies.ts";
import { updateAppConfig } from "./queries.ts";
import { AppConfig, UpdateAppConfigInput } from "./schemas.ts";

const get = cachedQuery({
  input: NoInput,
  policy: appConfigPolicy,
  isRepeated: true,
  parameters: () => null,
  answer: (config, { etag }) => sharedAnswer(config, etag, "", () => AppConfig.parse(config)),
});

export const appConfigRouter = router({
  /**
   * The minimum and the latest version of the app and its page in the store, by platform, and maintenance. An app older
   * than `minimumVersion` must be updated, one older than `latestVersion` may be; null requires nothing. Versions are
   * compared number by number. `GET /app-config` answers the same without tRPC's envelope, whatever token comes.
   * Units: `until` in ISO 8601, UTC.
   * Errors: SERVICE_UNAVAILABLE.
   * Source: the `app_config` table.
   */
  get: publicProcedure.meta({ fast: get }).input(NoInput).output(AppConfig).query(inBytes(get)),

  /**
   * Changes the configuration of the app; what is left out stays as it is, null empties it. Every app sees the change
   * within a second of its next question.
   * Units: `until` in ISO 8601, later than now.
   * Errors: BAD_REQUEST (also for a latest version older than the minimum), UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  update: adminProcedure
    .input(UpdateAppConfigInput)
    .output(AppConfig)
    .mutation(({ ctx, input }) => {
      const until = input.maintenance?.until;
      if (typeof until === "string" && Date.parse(until) <= ctx.now().getTime())
        throw inputError("maintenance.until", text("later_than_now"));
      return updateAppConfig(ctx.db, input);
    }),
});
