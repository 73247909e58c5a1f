import type { VerdictReason } from "../../db/tables/products.ts";
import type { Language } from "../../texts/language.ts";
import type { Rulings } from "../../verdict/rulings.ts";
import { currentRulings } from "../../verdict/rulings-policy.ts";
import { sayReasons } from "../../verdict/said-reasons.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { type StreamContext, streamedQuery } from "../../trpc/streamed-query.ts";
import { firstPages, LIST_NAMES, type ListName, nextPage, PAGE_ROWS } from "./export-queries.ts";
import { Export } from "./schemas.ts";

/** Makes a row what its reader is shown. */
type Say = (row: object) => object;

/** Scans have reasons in their reader's language. */
const sayScan =
  (language: Language, rulings: Rulings): Say =>
  (row) =>
    "reasons" in row
      ? { ...row, reasons: sayReasons(row.reasons as VerdictReason[], language, rulings) }
      : row;

/** A list's rows as JSON: what the schema has of each. */
const rowJson = (name: ListName, row: unknown) =>
  JSON.stringify(Export.shape[name].element.parse(row));

/** The rest of a list, page by page, none of which is held longer than it takes to send. */
async function* listJson<Name extends ListName>(
  { reads, user }: StreamContext,
  name: Name,
  first: Export[Name],
  say: Say,
): AsyncGenerator<string> {
  let page = first;
  let separator = "";
  for (;;) {
    const rows: readonly Export[Name][number][] = page;
    if (rows.length > 0) yield separator + rows.map((row) => rowJson(name, say(row))).join(",");
    separator = ",";
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    page = await reads.readAsUser(user.id, (db) => nextPage(db, user.id, name, last));
  }
}

/**
 * Everything that is kept about a user, in pages of some hundred rows: what changes meanwhile is there as it was or as it
 * is then, and each row once.
 */
export const exportPieces = streamedQuery({
  input: NoInput,
  async *pieces(context) {
    const { reads, user, now, languages } = context;
    const exportedAt = JSON.stringify(now().toISOString());
    const { profile, pushPreferences, ...lists } = await reads.readAsUser(user.id, (db) =>
      firstPages(db, user.id),
    );
    const say = sayScan(languages.language, await currentRulings(context));
    const ones = Export.pick({ profile: true, pushPreferences: true }).parse({
      profile,
      pushPreferences,
    });
    yield `{"userId":${JSON.stringify(user.id)},"exportedAt":${exportedAt}`;
    yield `,"profile":${JSON.stringify(ones.profile)},"pushPreferences":${JSON.stringify(ones.pushPreferences)}`;
    for (const name of LIST_NAMES) {
      const first = lists[name];
      yield `,${JSON.stringify(name)}:[`;
      yield* listJson(context, name, first, say);
      yield "]";
    }
    yield "}";
  },
});
