import { AppError } from "../../errors.ts";
import { type ENumber, parentCodes, parseENumber, readENumber } from "../../food/e-number.ts";
import { cachedQuery, inBytes, sharedAnswer } from "../../trpc/fast-query.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { answeringCodes, askedAdditive, searchedCodePrefix } from "./answers.ts";
import { additivesPolicy } from "./policies.ts";
import { findAdditives, removeAdditive } from "./queries.ts";
import {
  Additive,
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
} from "./schemas.ts";
import { searchAdditives } from "./search-queries.ts";
import { upsertAdditive } from "./upsert-query.ts";

const NAMED_IN_ERROR = 5;

function notFound(code: string): AppError {
  return new AppError("NOT_FOUND", `There is no entry for ${code}.`);
}

/** Reads all codes, or names those that are none. */
function readCodes(codes: readonly string[]): ENumber[] {
  const readings = codes.map((code) => readENumber(code));
  const wrong = codes.filter((_code, index) => readings[index]?.ok !== true);
  if (wrong.length > 0) {
    const named = wrong.slice(0, NAMED_IN_ERROR).map((code) => JSON.stringify(code.slice(0, 30)));
    const more = wrong.length > named.length ? ` and ${wrong.length - named.length} more` : "";
    throw new AppError("BAD_REQUEST", `codes: not E-numbers: ${named.join(", ")}${more}`);
  }
  return readings.flatMap((reading) => (reading.ok ? [reading.eNumber] : []));
}

const byCode = cachedQuery({
  input: ByCodeInput,
  policy: additivesPolicy,
  isRepeated: true,
  parameters: ({ code }) => ({ codes: answeringCodes(parseENumber(code).code) }),
  answer: (additive, { input: { madhab }, parameters, etag }) => {
    const [code] = parameters.codes;
    if (additive === null) return notFound(code);
    return sharedAnswer(additive, etag, madhab ?? "", () =>
      AskedAdditive.parse(askedAdditive(additive, code, madhab)),
    );
  },
});

export const additiveRouter = router({
  /**
   * One additive by its E-number in any usual spelling; for a sub-code without an entry the nearest that it is a form
   * of, marked `viaParent`. `halalStatus` is the default for everyone; with `madhab`, `ruling` is what that school
   * says itself (null if nothing), and `effectiveStatus` the status to show.
   * Errors: BAD_REQUEST (not an E-number), NOT_FOUND, SERVICE_UNAVAILABLE.
   * Source: the `additives` and `additive_rulings` tables; codes after Codex CXG 36-1989.
   */
  byCode: publicProcedure
    .meta({ fast: byCode })
    .input(ByCodeInput)
    .output(AskedAdditive)
    .query(inBytes(byCode)),

  /**
   * Up to 100 additives at once, one answer for each code in the order asked; `additive` is null where there is none.
   * Units: 1–100 codes; each answers as `byCode` does.
   * Errors: BAD_REQUEST (names the codes that are no E-numbers), SERVICE_UNAVAILABLE.
   * Source: the `additives` and `additive_rulings` tables.
   */
  forCodes: publicProcedure
    .meta({ cost: 2 })
    .input(ForCodesInput)
    .output(ForCodesOutput)
    .query(async ({ ctx, input }) => {
      const asked = readCodes(input.codes).map(({ code }) => answeringCodes(code));
      const found = await ctx.reads.readPublic((db) =>
        findAdditives(db, [...new Set(asked.flat())]),
      );
      const items = asked.map((codes, index) => {
        const additive = codes.flatMap((code) => found.get(code) ?? [])[0];
        return {
          requested: input.codes[index] ?? codes[0],
          requestedCode: codes[0],
          additive: additive === undefined ? null : askedAdditive(additive, codes[0], input.madhab),
        };
      });
      return { items };
    }),

  /**
   * Additives by code, its beginning, or names in English, French or Arabic, the likest first. A typo in each word of
   * four letters and more is forgiven; case, accents and Arabic marks make no difference.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `additives` table; likeness by trigrams (`pg_trgm` `word_similarity`, 0.4 and up).
   */
  search: publicProcedure
    .meta({ cost: 2 })
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
      return { ...page, items: page.items.map(({ additive }) => additive) };
    }),

  /**
   * Makes or changes an additive; what is left out stays as it is, rulings that are given replace all it had.
   * Another status drops the explanation and the source of the one before unless they come with it.
   * Its status is the administrator's from then on: imports leave it alone.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  upsert: adminProcedure
    .input(UpsertAdditiveInput)
    .output(Additive)
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
