/** Latin letters that are no letter with a mark in Unicode. */
const LATIN_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ħ: "h",
  ı: "i",
  ĸ: "k",
};

/** Arabic, Persian and Urdu spellings of one letter. */
const ARABIC_LETTERS: Readonly<Record<string, string>> = {
  أ: "ا",
  إ: "ا",
  آ: "ا",
  ٱ: "ا",
  ى: "ي",
  ی: "ي",
  ئ: "ي",
  ۍ: "ي",
  ؤ: "و",
  ک: "ك",
  ڪ: "ك",
  ة: "ه",
  ہ: "ه",
  ھ: "ه",
  ۃ: "ه",
  ۀ: "ه",
  ە: "ه",
};

/** Bengali spellings of one sound. */
const BENGALI_LETTERS: Readonly<Record<string, string>> = {
  "\u09C2": "\u09C1",
  "\u09C0": "\u09BF",
  ঊ: "উ",
  ঈ: "ই",
  ণ: "ন",
  ষ: "শ",
  "\u09BC": "",
};

const ASCII = /^[\x20-\x7E]*$/;
const LATIN_SPECIAL = /[ßæœøłđðþħıĸ]/g;
const LATIN_MARKS = /[\u0300-\u036F]/g;
const ARABIC_MARKS = /(?:[\u0610-\u061A]|\u0621|\u0640|[\u064B-\u065F]|\u0670|[\u06D6-\u06ED])/g;
const ARABIC_SPECIAL = new RegExp(Object.keys(ARABIC_LETTERS).join("|"), "g");
const BENGALI_SPECIAL = new RegExp(Object.keys(BENGALI_LETTERS).join("|"), "g");

/** Lower-cases a word and keeps its accents. The same word is always the same text. */
export function lowerWord(word: string): string {
  return ASCII.test(word) ? word.toLowerCase() : word.toLowerCase().normalize("NFC");
}

/**
 * Folds a word to the form in which words are compared: lower case, no accents, one spelling of each letter.
 * Turkish dotted and dotless i become one letter, which makes the fold the same in every language.
 * Source: Unicode NFD; `data/words.md`, rule 7.
 */
export function foldWord(word: string): string {
  const lower = word.toLowerCase();
  if (ASCII.test(lower)) return lower;
  return lower
    .normalize("NFC")
    .replace(ARABIC_MARKS, "")
    .replace(ARABIC_SPECIAL, (letter) => ARABIC_LETTERS[letter] ?? letter)
    .normalize("NFD")
    .replace(LATIN_MARKS, "")
    .replace(LATIN_SPECIAL, (letter) => LATIN_LETTERS[letter] ?? letter)
    .replace(BENGALI_SPECIAL, (letter) => BENGALI_LETTERS[letter] ?? letter);
}
