import { expect, it } from "vitest";
import { tokenize } from "../../../src/food/ingredients/tokens.ts";
import { parseOwnLexicon, readOwnFiles } from "../../../src/seed/lexicon/own-lexicon.ts";

const { words } = parseOwnLexicon(readOwnFiles());

it("a word of the shipped lexicon means only one substance in a language", () => {
  const owners = new Map<string, Set<string>>();
  for (const { substance, language, words: list } of words) {
    for (const word of list) {
      // The reader takes digits for amounts, so vitamins with a number share their words.
      if (/\p{N}/u.test(word)) continue;
      const tokens = tokenize(word);
      const key = `${language} ${tokens.map(({ fold }) => fold).join(" ")}`;
      owners.set(key, (owners.get(key) ?? new Set()).add(substance));
    }
  }
  const shared = [...owners].filter(([, ids]) => ids.size > 1);
  expect(shared.map(([word, ids]) => `${word}: ${[...ids].join(", ")}`)).toEqual([]);
});
