import { withCache } from "../../cache/with-cache.ts";
import { AppError } from "../../errors.ts";
import { cachedQuery, inBytes, sharedAnswer } from "../../trpc/fast-query.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { certifiersPolicy } from "./policies.ts";
import { CERTIFIERS_MAX, findCertifier, removeCertifier, upsertCertifier } from "./queries.ts";
import {
  Certifier,
  CertifierIdInput,
  CertifierIdOutput,
  CertifierList,
  UpsertCertifierInput,
} from "./schemas.ts";
import { text } from "../../texts/text.ts";

const list = cachedQuery({
  input: NoInput,
  policy: certifiersPolicy,
  isRepeated: true,
  parameters: () => null,
  answer: (items, { etag }) => sharedAnswer(items, etag, "", () => CertifierList.parse({ items })),
});

function notFound(id: string): AppError {
  return new AppError("NOT_FOUND", text("no_certifier", { id }));
}

/** The score that criteria add up to, where an administrator gives criteria and no score. */
function scoreOf(criteria: UpsertCertifierInput["trustCriteria"]): { trustScore?: number } {
  if (criteria === undefined) return {};
  const points = criteria.reduce((sum, { met, points }) => sum + (met ? points : 0), 0);
  return { trustScore: Math.min(points, 100) };
}

export const certifierRouter = router({
  /**
   * All certifiers, the most trusted first, then by id; of more than 1,000 the first 1,000.
   * Units: `trustScore` in points, 0–100.
   * Errors: SERVICE_UNAVAILABLE.
   * Source: the `certifiers` table; each score's criteria come with it.
   */
  list: publicProcedure
    .meta({ fast: list })
    .input(NoInput)
    .output(CertifierList)
    .query(inBytes(list)),

  /**
   * One certifier by its slug; answered from the same entry as the list.
   * Units: as in `certifier.list`.
   * Errors: BAD_REQUEST, NOT_FOUND, SERVICE_UNAVAILABLE.
   * Source: the `certifiers` table.
   */
  byId: publicProcedure
    .input(CertifierIdInput)
    .output(Certifier)
    .query(async ({ ctx, input: { id } }) => {
      const all = await withCache(ctx, certifiersPolicy, null);
      const listed = all.value.find((certifier) => certifier.id === id);
      if (listed !== undefined) return listed;
      const unlisted =
        all.value.length < CERTIFIERS_MAX
          ? null
          : await ctx.reads.readPublic((db) => findCertifier(db, id));
      if (unlisted === null) throw notFound(id);
      all.etag += unlisted.updatedAt;
      return unlisted;
    }),

  /**
   * Makes or changes the certifier with this slug; what is left out stays as it is.
   * Criteria without a score set the score to the points of those that are met, at most 100.
   * Units: `trustScore` and `points` in points, 0–100; a new certifier with neither has 50.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  upsert: adminProcedure
    .input(UpsertCertifierInput)
    .output(Certifier)
    .mutation(({ ctx, input }) =>
      upsertCertifier(ctx.db, { ...scoreOf(input.trustCriteria), ...input }),
    ),

  /**
   * Removes a certifier; stores and products that named it name none any more.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, SERVICE_UNAVAILABLE.
   */
  remove: adminProcedure
    .input(CertifierIdInput)
    .output(CertifierIdOutput)
    .mutation(async ({ ctx, input: { id } }) => {
      if (!(await removeCertifier(ctx.db, id))) throw notFound(id);
      return { id };
    }),
});
