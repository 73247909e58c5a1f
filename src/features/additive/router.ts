import { withCache } from "../../cache/with-cache.ts";
import { AppError } from "../../errors.ts";
import { parentCodes, parseENumber } from "../../food/e-number.ts";
import { cachedQuery, inBytes, sharedAnswer } from "../../trpc/fast-query.ts";
import { languagesOf } from "../../trpc/languages.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import {
  answeringCodes,
  answersTo,
  askedAdditive,
  sayAdditive,
  searchedCodePrefix,
} from "./answers.ts";
import { additiveListPolicy, additivesPolicy } from "./policies.ts";
import { removeAdditive } from "./queries.ts";
import {
  AdditiveCodeInput,
  AdditiveCodeOutput,
  AskedAdditive,
  ByCodeInput,
  ForCodesInput,
  ForCodesOutput,
  SearchAdditivesInput,
  SearchAdditivesOutput,
  SearchCursor,
  UpsertAdditiveInput,
  WrittenAdditive,
} from "./schemas.ts";
import { searchAdditives } from "./search-queries.ts";
import { upsertAdditive } from "./upsert-query.ts";
import { text } from "../../texts/text.ts";

function notFound(code: string): AppError {
  return new AppError("NOT_FOUND", text("no_additive", { code }));
}

const byCode = cachedQuery({
  input: ByCodeInput,
  policy: additivesPolicy,
  isRepeated: true,
  parameters: ({ code }) => ({ codes: answeringCodes(parseENumber(code).code) }),
  answer: (additive, { input: { madhab, locale }, parameters, etag, languages: accepted }) => {
    const [code] = parameters.codes;
    if (additive === null) return notFound(code);
    const { language } = languagesOf(locale, accepted);
    return sharedAnswer(additive, etag, `${language}${madhab ?? ""}`, () =>
      AskedAdditive.parse(askedAdditive(sayAdditive(additive, language), code, madhab)),
    );
  },
});

export const additiveRouter = router({
  /**
   * One additive by its E-number in any usual spelling; for a sub-code without an entry the nearest that it is a form
   * of, marked `viaParent`. `halalStatus` is the default for everyone; with `madhab`, `ruling` is what that school
   * says itself (null if nothing), and `effectiveStatus` the status to show. Explanations are in the caller's language
   * where somebody has translated them; `explanationLanguage` says in which they are.
   * Errors: BAD_REQUEST (not an E-number), NOT_FOUND, SERVICE_UNAVAILABLE.
   * Source: the `additives` and `additive_rulings` tables; codes after Codex CXG 36-1989.
   */
  byCode: publicProcedure
    .meta({ fast: byCode, isByLanguage: true })
    .input(ByCodeInput)
    .output(AskedAdditive)
    .query(inBytes(byCode)),

  /**
   * Up to 100 additives at once, one answer for each code in the order asked; `additive` is null where there is none.
   * A code that cannot be read fails alone: it is among `notUnderstood`, and its `requestedCode` is null.
   * Units: 1–100 codes; each answers as `byCode` does.
   * Errors: BAD_REQUEST (no codes, or more than 100), SERVICE_UNAVAILABLE.
   * Source: the `additives` and `additive_rulings` tables.
   */
  forCodes: publicProcedure
    .meta({ cost: 2, isByLanguage: true })
    .input(ForCodesInput)
    .output(ForCodesOutput)
    .query(async ({ ctx, input: { codes, madhab } }) => {
      const { value } = await withCache({ ...ctx, answers: [] }, additiveListPolicy, null);
      return answersTo(codes, value, madhab, ctx.languages.language);
    }),

  /**
   * Additives by code, its beginning, or names in English, French or Arabic, the likest first. A typo in each word of
   * four letters and more is forgiven; case, accents and Arabic marks make no difference.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `additives` table; likeness by trigrams (`pg_trgm` `word_similarity`, 0.4 and up).
   */
  search: publicProcedure
    .meta({ cost: 2, isByLanguage: true })
    .input(SearchAdditivesInput)
    .output(SearchAdditivesOutput)
    .query(async ({ ctx, input }) => {
      const { query, limit, cursor } = input;
      const list = listId("additive.search", input);
      const search = {
        text: query,
        codePrefix: searchedCodePrefix(query),
        after: decodeCursor(cursor, SearchCursor, list),
        limit: limit + 1,
      };
      const found = await ctx.reads.readPublic((db) => searchAdditives(db, search));
      const page = cutPage(found, limit, list, ({ additive, score }) => [score, additive.code]);
      return {
        ...page,
        items: page.items.map(({ additive }) => sayAdditive(additive, ctx.languages.language)),
      };
    }),

  /**
   * Makes or changes an additive; what is left out stays as it is, rulings that are given replace all it had.
   * Another status drops the explanation and the source of the one before unless they come with it.
   * Its status is the administrator's from then on: imports leave it alone.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  upsert: adminProcedure
    .input(UpsertAdditiveInput)
    .output(WrittenAdditive)
    .mutation(({ ctx, input }) => {
      const { code } = parseENumber(input.code);
      return upsertAdditive(ctx.db, { ...input, code, parents: parentCodes(code) });
    }),

  /**
   * Removes the entry of this very code with its rulings; a sub-code then answers with its parent.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, SERVICE_UNAVAILABLE.
   */
  remove: adminProcedure
    .input(AdditiveCodeInput)
    .output(AdditiveCodeOutput)
    .mutation(async ({ ctx, input }) => {
      const { code } = parseENumber(input.code);
      if (!(await removeAdditive(ctx.db, code))) throw notFound(code);
      return { code };
    }),
});
