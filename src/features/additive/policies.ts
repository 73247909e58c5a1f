import type { CachedQuery } from "../../cache/policy.ts";
import { VARIANTS_KEPT } from "../../trpc/fast-query.ts";
import { type AdditiveRow, type AllAdditives, findAdditive, listAdditives } from "./queries.ts";

/** A code and those it is a form of, nearest first: any of them may be the one that answers. */
export interface CodeParameters {
  readonly codes: readonly [string, ...string[]];
}

/** Entries of `additive.byCode`: one a code for every madhab; null is cached, too. */
export const additivesPolicy: CachedQuery<CodeParameters, AdditiveRow | null> = {
  name: "additives",
  shape: "additives-2",
  key: ({ codes: [code] }) => `additive:${code}`,
  isAffected: (event, { codes }, value) => {
    switch (event.topic) {
      case "additive":
        return event.ref === null || codes.includes(event.ref);
      case "source":
        return value === undefined || (value !== null && value.dataSourceId === event.ref);
      default:
        return false;
    }
  },
  // By school and language.
  answersKept: VARIANTS_KEPT,
  query: (db, { codes }) => findAdditive(db, codes),
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as AdditiveRow | null,
};

/** The one entry of `/lists/additives`: all of them, in every language. */
export const additiveListPolicy: CachedQuery<null, AllAdditives> = {
  name: "additive-list",
  shape: "additive-list-1",
  key: () => "additives:list",
  isAffected: (event, _, value) => {
    if (event.topic === "additive") return true;
    if (event.topic !== "source") return false;
    return value?.items.some(({ dataSourceId }) => dataSourceId === event.ref) ?? true;
  },
  // By language and by what the caller knows.
  answersKept: VARIANTS_KEPT,
  query: listAdditives,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as AllAdditives,
};
