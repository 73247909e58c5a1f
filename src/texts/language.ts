/** The languages in which the service speaks; the first is that of everybody who wants none of them. */
export const LANGUAGES = ["en", "fr", "ar"] as const;
/** Units: ISO 639-1. */
export type Language = (typeof LANGUAGES)[number];

export const DEFAULT_LANGUAGE: Language = "en";

/** The language that answers a tag, or null when there is none: `fr` for `fr-CA`. Units: BCP 47. */
export function languageOfTag(tag: string): Language | null {
  const [primary = ""] = tag.toLowerCase().split("-", 1);
  return LANGUAGES.find((one) => one === primary) ?? null;
}
