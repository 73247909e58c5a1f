import { RecentMap } from "../recent-map.ts";
import { type Languages, languagesOfTags, NO_LANGUAGES } from "../trpc/languages.ts";

/** Longer than any browser's list; what is longer is not read. Units: characters. */
const HEADER_LENGTH_MAX = 1_000;
const LANGUAGES_MAX = 8;
const REMEMBERED_MAX = 1_024;

/** Phones send few different ones. The same text gives the same object. */
const remembered = new RecentMap<string, Languages>(REMEMBERED_MAX);

const RANGE =
  /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * Reads the languages that a caller wants, the preferred first; `*` is any, so nothing after it counts. What
 * is not well-formed says nothing. Source: RFC 9110, section 12.5.4.
 */
export function readLanguages(acceptLanguage: string | undefined): Languages {
  if (acceptLanguage === undefined || acceptLanguage === "*") return NO_LANGUAGES;
  let languages = remembered.get(acceptLanguage);
  if (languages === undefined) {
    languages = acceptLanguage.length > HEADER_LENGTH_MAX ? NO_LANGUAGES : parse(acceptLanguage);
    if (acceptLanguage.length <= HEADER_LENGTH_MAX) remembered.set(acceptLanguage, languages);
  }
  return languages;
}

function parse(acceptLanguage: string): Languages {
  const ranges = acceptLanguage.split(",").flatMap((entry) => {
    const [, tag, weight = "1"] = RANGE.exec(entry.trim()) ?? [];
    return tag === undefined || Number(weight) === 0 ? [] : [{ tag, weight: Number(weight) }];
  });
  // A stable sort: of the same weight the first is preferred.
  const wanted = ranges.toSorted((a, b) => b.weight - a.weight).map(({ tag }) => tag);
  const any = wanted.indexOf("*");
  const named = any === -1 ? wanted : wanted.slice(0, any);
  const tags = [...new Set(named.flatMap(canonical))].slice(0, LANGUAGES_MAX);
  return languagesOfTags(tags);
}

function canonical(tag: string): string[] {
  try {
    return Intl.getCanonicalLocales(tag);
  } catch {
    return [];
  }
}
