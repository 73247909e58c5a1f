/** A store's name in other languages, by canonical BCP 47 tag. */
export type StoreNames = Readonly<Record<string, string>>;

/**
 * The name in a language, or undefined when there is none: `zh-Hant-TW` is answered by `zh-Hant` and by `zh`, but `ms`
 * not by `ms-Arab`, which is another script.
 * Source: RFC 4647, lookup.
 */
export function nameIn(names: StoreNames, locale: string): string | undefined {
  for (let tag = locale; tag !== ""; tag = tag.slice(0, Math.max(tag.lastIndexOf("-"), 0))) {
    const name = Object.hasOwn(names, tag) ? names[tag] : undefined;
    if (name !== undefined) return name;
  }
  return undefined;
}
