import type { Language } from "./language.ts";

/** A text that was written in one language, in others. */
export type Translations<T> = Readonly<Partial<Record<Language, T>>>;

/** The text that a reader is shown: a translation where there is one in their language, else `text`, as it was written. */
export function translated<T>(
  text: T,
  written: Language | null,
  others: Translations<T>,
  wanted: Language,
): { readonly text: T; readonly language: Language | null } {
  const translation = wanted === written ? undefined : others[wanted];
  return translation === undefined
    ? { text, language: written }
    : { text: translation, language: wanted };
}
