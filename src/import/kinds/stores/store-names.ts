import { plainText, shortText } from "../fields.ts";

/** The names of a place. */
export interface StoreNames {
  /** As its sign has it; null when nothing names the place. */
  readonly name: string | null;
  /** By canonical BCP 47 tag; null empties one that a file knew before. */
  readonly names: Readonly<Record<string, string | null>>;
  readonly otherNames: readonly string[];
  /** True when some were left out, because they were too long or too many. */
  readonly isCut: boolean;
}

/** Names in the order in which they are wanted; then any other `name:…`, then those of `LAST_NAMES`. */
const NAME_TAGS = ["name", "name:en", "int_name", "name:fr", "name:ar", "official_name", "brand"];
const LAST_NAMES = ["short_name", "alt_name", "loc_name", "nat_name", "reg_name"];

/** A language, perhaps a script and a region, such as `ms-Arab`; OSM's own tags may use an underscore. */
const LANGUAGE = "[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|[0-9]{3}))?";
const LOCAL_NAME = new RegExp(`^name:(${LANGUAGE})$`);
const OTHER_NAME = new RegExp(
  `^(?:int_name|official_name|alt_name|old_name|short_name|loc_name|nat_name|reg_name|brand|name_[0-9]|alt_name_[0-9])(?::${LANGUAGE})?$|^name:[a-z]{2,3}[-_][A-Za-z0-9_-]+$`,
);

/** Units: UTF-16 units; names; bytes of UTF-8 for all of them. */
const NAME_LENGTH_MAX = 200;
const NAMES_MAX = 60;
const NAMES_BYTES_MAX = 4_000;

/** The BCP 47 tag in its canonical form; null when it is none. */
export function canonicalLanguage(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll("_", "-"))[0] ?? null;
  } catch {
    return null;
  }
}

/**
 * All names of a place.
 * Source: OSM wiki, Names (`name:xx`, `alt_name`, `old_name`, `int_name`, `official_name`, `short_name`, `brand`).
 */
export function storeNames(tags: Readonly<Record<string, unknown>>): StoreNames {
  const names: Record<string, string | null> = {};
  const others = new Set<string>();
  const room = { names: NAMES_MAX, bytes: NAMES_BYTES_MAX };
  let isCut = false;
  const fits = (name: string) => {
    room.names -= 1;
    room.bytes -= Buffer.byteLength(name);
    const isShort = name.length <= NAME_LENGTH_MAX && room.names >= 0 && room.bytes >= 0;
    isCut ||= !isShort;
    return isShort;
  };
  for (const tag of Object.keys(tags).sort()) {
    const [, language] = LOCAL_NAME.exec(tag) ?? [];
    const canonical = language === undefined ? null : canonicalLanguage(language);
    if (canonical !== null) {
      const name = plainText(tags[tag]);
      if (name === null || fits(name)) names[canonical] = name;
    } else if (OTHER_NAME.test(tag)) {
      for (const part of (plainText(tags[tag]) ?? "").split(";")) {
        const name = shortText(part, NAMES_BYTES_MAX);
        if (name !== null && !others.has(name) && fits(name)) others.add(name);
      }
    }
  }
  const name = mainName(tags, Object.keys(names));
  if (name !== null) others.delete(name);
  return { name, names, otherNames: [...others].sort(), isCut };
}

function mainName(
  tags: Readonly<Record<string, unknown>>,
  languages: readonly string[],
): string | null {
  const local = Object.keys(tags).filter((tag) => LOCAL_NAME.test(tag));
  for (const tag of [...NAME_TAGS, ...(languages.length > 0 ? local.sort() : []), ...LAST_NAMES]) {
    const name = plainText(tags[tag]);
    if (name !== null) return tag === "alt_name" ? (name.split(";")[0]?.trim() ?? name) : name;
  }
  return null;
}
