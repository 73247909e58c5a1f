import type { HalalStatus } from "../../../../src/db/tables/vocabulary.ts";

/** The printed text of a product, and the answer by the shipped lexicon and rulings. */
export interface PrintedLabel {
  /** ISO 639-1 code; empty where the product gives none. */
  readonly language: string;
  readonly list?: string;
  readonly status: HalalStatus;
  readonly name?: string;
  /** Open Food Facts ids. */
  readonly categories?: readonly string[];
}
