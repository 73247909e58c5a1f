import type { Draft } from "./draft.ts";
import type { Lexicon } from "./lexicon.ts";

/** Letters of a culture collection, with or without digits: `DSM 17938`, `HN019`, `BB-12`, `NCFM`. Units: folded. */
const STRAIN_CODE = /^(?:[a-z]{1,4}\d{0,5}[a-z]?|subsp)$/;

/**
 * Tells whether an unknown word after a micro-organism is the code of its strain: `Bacillus coagulans GBI-30`.
 * Source: names of strains in the catalogues of culture collections (ATCC, DSM, CNCM).
 */
export function isStrainCode(word: string, before: Draft | null, lexicon: Lexicon): boolean {
  const row = before?.row ?? null;
  return (
    row !== null && STRAIN_CODE.test(word) && lexicon.isA(row.substance, "en:microbial-culture")
  );
}
