import { readFileSync } from "node:fs";
import { parseLexiconCsv } from "../../../../src/food/ingredients/lexicon-csv.ts";
import { createLexicon, type Lexicon } from "../../../../src/food/ingredients/lexicon.ts";

/** Builds a lexicon of sixty substances in all languages, which stays the same while the real one grows. */
export function smallLexicon(): Lexicon {
  const files = ["lexicon.csv", "phrases.csv"].map((name) =>
    parseLexiconCsv(readFileSync(new URL(name, import.meta.url), "utf8")),
  );
  return createLexicon({
    substances: files.flatMap((file) => file.substances),
    words: files.flatMap((file) => file.words),
    phrases: files.flatMap((file) => file.phrases),
  });
}
