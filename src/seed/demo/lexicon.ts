import type { StoreType } from "../../db/tables/vocabulary.ts";

/** Languages in which demo shops have their names and addresses (ISO 639-1). */
export type Language =
  | "ar"
  | "bn"
  | "da"
  | "de"
  | "en"
  | "es"
  | "fr"
  | "id"
  | "ja"
  | "ms"
  | "nl"
  | "pt"
  | "tr"
  | "ur";

/** The words of one language from which shop names, addresses and descriptions are made. */
export interface Lexicon {
  /** The words that a shop may be named after: `{w}` in a pattern. */
  readonly words: readonly string[];
  /** First names: `{p}` in a pattern. */
  readonly people: readonly string[];
  /** Names by kind of store. */
  readonly names: Readonly<Record<StoreType, readonly string[]>>;
  readonly streets: readonly string[];
  /** `{n}` the house number, `{s}` the street. */
  readonly address: string;
  /** `{c}` the city. */
  readonly descriptions: readonly string[];
}
