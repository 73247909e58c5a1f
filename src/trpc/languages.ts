import { z } from "zod";
import { RecentMap } from "../recent-map.ts";
import { DEFAULT_LANGUAGE, type Language, languageOfTag } from "../texts/language.ts";
import { text } from "../texts/text.ts";

/** The languages that a caller wants, the preferred first; equal ones are mostly the same object. */
export interface Languages {
  /** The one for texts: the first that the service speaks, else English. */
  readonly language: Language;
  /** Units: canonical BCP 47. */
  readonly tags: readonly string[];
  /** Tells one list from another; empty for none. */
  readonly key: string;
}

/** Of a caller who says nothing: everything is called what it calls itself, and texts are English. */
export const NO_LANGUAGES: Languages = { language: DEFAULT_LANGUAGE, tags: [], key: "" };

/** Makes the languages of a list of tags. Units: canonical BCP 47. */
export function languagesOfTags(tags: readonly string[]): Languages {
  if (tags.length === 0) return NO_LANGUAGES;
  const language = tags.map(languageOfTag).find((one) => one !== null) ?? DEFAULT_LANGUAGE;
  return { language, tags, key: tags.join("+") };
}

/** Names in other languages, by canonical BCP 47 tag. */
export type NamesByLanguage = Readonly<Record<string, string>>;

/** Units: characters. */
const LOCALE_LENGTH_MAX = 35;

/**
 * The language of texts and names, in the place of `Accept-Language`: texts are English where the service does not speak
 * it, and what has no name in it keeps its own. The first one of a batch is that of all its texts.
 * Units: BCP 47.
 */
export const localeInput = z
  .string()
  .max(LOCALE_LENGTH_MAX)
  .transform((tag, { issues }) => {
    const canonical = canonicalLocale(tag);
    if (canonical !== null) return canonical;
    issues.push({ code: "custom", input: tag, params: { text: text("locale") } });
    return z.NEVER;
  })
  .nullish();

/** The locale of an input that nobody has checked yet; null without one, and for one that is no language tag. */
export function localeIn(input: unknown): string | null {
  if (typeof input !== "object" || input === null || !("locale" in input)) return null;
  const { locale } = input;
  return typeof locale === "string" && locale.length <= LOCALE_LENGTH_MAX
    ? canonicalLocale(locale)
    : null;
}

function canonicalLocale(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

const alone = new RecentMap<string, Languages>(256);

/** The languages of a call: the one of its input where there is one, else the caller's. */
export function languagesOf(locale: string | null | undefined, languages: Languages): Languages {
  if (!locale) return languages;
  let known = alone.get(locale);
  if (known === undefined) {
    known = languagesOfTags([locale]);
    alone.set(locale, known);
  }
  return known;
}

/**
 * The tag of the name to be shown, or undefined when there is none in any of the languages: `zh-Hant-TW` is answered by
 * `zh-Hant` and by `zh`, but `ms` not by `ms-Arab`, which is another script.
 * Source: RFC 4647, lookup.
 */
export function tagOfName(names: NamesByLanguage, { tags }: Languages): string | undefined {
  for (const wanted of tags) {
    for (let tag = wanted; tag !== ""; tag = tag.slice(0, Math.max(tag.lastIndexOf("-"), 0)))
      if (Object.hasOwn(names, tag)) return tag;
  }
  return undefined;
}

/** The name to be shown, or undefined when there is none in any of the languages. */
export function nameIn(names: NamesByLanguage, languages: Languages): string | undefined {
  const tag = tagOfName(names, languages);
  return tag === undefined ? undefined : names[tag];
}
