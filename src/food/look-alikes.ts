/**
 * Small letters of other scripts, and of Latin beside a–z, that are printed like the Latin ones E-numbers are written in.
 * Capital letters come here as small ones, so that some stand for what their capital looks like (Cyrillic н for H).
 * Source: Unicode Technical Standard 39, confusables, as far as E-numbers have the letter.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: "аαɑᴀꭺ",
  b: "вβьƅ",
  c: "сϲᴄⅽ",
  d: "ԁđ",
  e: "еεϵєэҽ℮ɛꬲᴇəǝⴹꭼꓰ∊∈⋿€",
  f: "ƒſϝ",
  g: "ɡԍց",
  h: "һнηհ",
  i: "іιɩıɪ∣",
  j: "јϳյ",
  n: "ո",
  o: "оοօ",
  s: "ѕꜱ",
  v: "ѵνᴠ",
  x: "хχ×",
};

const LATIN_BY_LOOK: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([latin, others]) =>
    Array.from(others, (other) => [other, latin] as const),
  ),
);

/** A text in small letters with those that only look like Latin ones made Latin, and accents dropped. */
export function latinLookalikes(lower: string): string {
  return Array.from(lower.normalize("NFD").replace(/\p{M}/gu, ""))
    .map((letter) => LATIN_BY_LOOK.get(letter) ?? letter)
    .join("");
}
