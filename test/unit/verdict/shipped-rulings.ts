import type { HalalStatus } from "../../../src/db/tables/vocabulary.ts";
import { createLexicon } from "../../../src/food/ingredients/lexicon.ts";
import {
  parseOwnLexicon,
  parseOwnRulings,
  readOwnFiles,
} from "../../../src/seed/lexicon/own-lexicon.ts";
import { type AdditiveEntry, Rulings, type School } from "../../../src/verdict/rulings.ts";

const files = readOwnFiles();
const own = parseOwnLexicon(files);

/** The lexicon that the project ships. */
export const shippedLexicon = createLexicon(own);

/** The rulings that the project ships, with these additives in the additive table. */
export function shippedRulings(additives: readonly AdditiveEntry[]): Rulings {
  return new Rulings({
    substances: own.substances.map(({ substance, ...row }) => ({ id: substance, ...row })),
    rulings: parseOwnRulings(files).map(
      ([substance, madhab, status, confidence, reason, source]) => ({
        substance: String(substance),
        madhab: madhab as School,
        halalStatus: status as HalalStatus,
        confidence: Number(confidence),
        reasonCode: String(reason),
        source: String(source),
      }),
    ),
    additives,
  });
}
