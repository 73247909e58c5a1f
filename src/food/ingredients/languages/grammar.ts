/** Origins that have words in a grammar. */
export type StatedOrigin =
  | "plant"
  | "microbial"
  | "synthetic"
  | "mineral"
  | "fish"
  | "bovine"
  | "sheep"
  | "poultry"
  | "egg"
  | "milk"
  | "insect"
  | "animal";

/**
 * The words with which a language builds an ingredient list. Every field but the language's code and `stopWords` may be
 * left out. Phrases are separated by `|` and written as labels print them; case and accents do not matter.
 */
export interface Grammar {
  /** ISO 639-1 code. */
  readonly language: string;
  /** Articles, prepositions and the like: they say nothing, and they betray the language. */
  readonly stopWords: string;
  readonly and?: string;
  /** Between a thing and its source: `gelatine of fish`. */
  readonly of?: string;
  /** Before a word, and for that item alone: `without`. */
  readonly without?: string;
  /** Before an adjective: `not smoked`. It denies no meat, because `non smoked bacon` is bacon. */
  readonly not?: string;
  /** Before a list, and for all of it: `free from`, `contains no`. */
  readonly freeFrom?: string;
  /** After a word: `free`, `içermez`. */
  readonly absent?: string;
  /** True where the denying verb ends the sentence, so that it denies all of the item: `domuz ve alkol içermez`. */
  readonly absentTakesItem?: boolean;
  /** Before a country, which is no substance: `origin: Turkey`. */
  readonly places?: string;
  /** Endings of a word that deny it: `frei` in `alkoholfrei`. Units: three letters or more. */
  readonly absentEndings?: readonly string[];
  /** Beginnings of a word that deny alcohol: `bez` in `bezalkoholowe`, `an` in `analcolico`. Folded. */
  readonly alcoholFree?: readonly string[];
  /** Openers of a "may contain" statement; it lasts until the end of the sentence. */
  readonly traces?: string;
  /** Closers of such a statement where the verb comes last. */
  readonly tracesAfter?: string;
  /** Opens an allergen statement: `contains`. */
  readonly contains?: string;
  readonly origins?: Readonly<Partial<Record<StatedOrigin, string>>>;
  readonly halal?: string;
  readonly notHalal?: string;
  /** `ingredients`. */
  readonly headings?: string;
  /** Words with a full stop after them that end no sentence. */
  readonly abbreviations?: string;
  /** The letters that stand for the E of an E-number in this script. */
  readonly codeLetters?: string;
  /** True where a compound word's last part names the thing, as in `Weinessig`. */
  readonly hasCompounds?: boolean;
  /** True where the qualifier follows: `jambon de dinde`. */
  readonly headFirst?: boolean;
  /** Gives the stem of a folded word; applied to the lexicon's words and to the label's. */
  readonly stem?: (word: string) => string;
  /** Gives shorter forms of a folded word, likeliest first, to look up when the word itself is unknown. */
  readonly shorten?: (word: string) => readonly string[];
}

/**
 * Gives a function that cuts the longest of the given endings and leaves at least `minimum` letters.
 * Units: endings are folded.
 */
export function endingCutter(endings: string, minimum: number): (word: string) => string {
  const sorted = endings.split("|").sort((left, right) => right.length - left.length);
  return (word) => {
    for (const ending of sorted) {
      if (word.length - ending.length >= minimum && word.endsWith(ending)) {
        return word.slice(0, -ending.length);
      }
    }
    return word;
  };
}
