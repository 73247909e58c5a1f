import { z } from "zod";

/** The languages that a caller wants names in, the preferred first; equal ones are mostly the same object. */
export interface Languages {
  /** Units: canonical BCP 47. */
  readonly tags: readonly string[];
  /** Tells one list from another; empty for none. */
  readonly key: string;
}

/** Of a caller who says nothing: everything is called what it calls itself. */
export const NO_LANGUAGES: Languages = { tags: [], key: "" };

/** Names in other languages, by canonical BCP 47 tag. */
export type NamesByLanguage = Readonly<Record<string, string>>;

/**
 * The language in which names are wanted, in the place of `Accept-Language`; what has no name in it keeps its own.
 * Units: BCP 47.
 */
export const localeInput = z
  .string()
  .max(35)
  .transform((tag, { issues }) => {
    const canonical = canonicalLocale(tag);
    if (canonical !== null) return canonical;
    issues.push({
      code: "custom",
      input: tag,
      message: "a language tag such as en, ar or zh-Hant",
    });
    return z.NEVER;
  })
  .nullish();

function canonicalLocale(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

const alone = new Map<string, Languages>();
const ALONE_MAX = 256;

/** The languages of a call: the one of its input where there is one, else the caller's. */
export function languagesOf(locale: string | null | undefined, languages: Languages): Languages {
  if (!locale) return languages;
  let known = alone.get(locale);
  if (known === undefined) {
    if (alone.size >= ALONE_MAX) alone.clear();
    known = { tags: [locale], key: locale };
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
