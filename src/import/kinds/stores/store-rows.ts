import tzLookup from "@photostructure/tz-lookup";
import OpeningHours from "opening_hours";
import { STORE_TYPES, type StoreType } from "../../../db/tables/vocabulary.ts";
import type { Position } from "../../../geo/position.ts";
import { cutText, plainText, shortText, webAddress } from "../fields.ts";
import type { Conversion, ConversionContext } from "../../kind.ts";
import { problem, type RecordProblem } from "../../read/records.ts";
import { storeTypeOf } from "./store-types.ts";
import { said, SAYS, upsertTarget } from "../../write/target.ts";

/** A place in OSM's terms: tags, position and, where the file has one, the source's own key. */
export interface TaggedPlace {
  readonly tags: Readonly<Record<string, unknown>>;
  readonly position: Position | null;
  readonly ref: string | null;
  /** The columns that the file speaks about; about the others the table keeps its word. */
  readonly says: readonly StoreColumn[];
}

/** Columns that a file may have or lack on their own; a place of OSM speaks about all but certification. */
export const STORE_COLUMNS = [
  "description",
  "store_type",
  "address",
  "city",
  "postal_code",
  "country",
  "phone",
  "website",
  "opening_hours",
  "halal_claim",
] as const;
export type StoreColumn = (typeof STORE_COLUMNS)[number] | "certification";

const CLAIMS: ReadonlySet<string> = new Set(["yes", "only", "limited", "no"]);
const NAME_LENGTH_MAX = 200;
/** Names in the order in which they are wanted; then any other `name:…`. */
const NAME_TAGS = ["name", "name:en", "int_name", "name:fr", "name:ar", "official_name", "brand"];
const CERTIFIER_TAGS = [
  "certifier",
  "halal:certifier",
  "halal:certification",
  "certification:halal",
  "diet:halal:certification",
];
const VALIDATED_HOURS_MAX = 20_000;

/** Stores by the source's own key; what a file does not know (ratings, removal) stays as it is. */
export const STORE_TARGET = upsertTarget({
  name: "stores",
  table: "stores",
  key: "id",
  keySql: "s.source || ' ' || s.source_ref",
  match: (incoming) => `t.source = ${incoming}.source and t.source_ref = ${incoming}.source_ref`,
  columns: [
    { name: "source", type: "text", isKey: true },
    { name: "source_ref", type: "text", isKey: true },
    SAYS,
    { name: "name", type: "text" },
    said("description", "text"),
    said("store_type", "text"),
    said("address", "text"),
    said("city", "text"),
    said("postal_code", "text"),
    said("country", "text"),
    said("phone", "text"),
    said("website", "text"),
    {
      name: "image_url",
      type: "text",
      update: (existing, incoming) => `coalesce(${incoming}.image_url, ${existing}.image_url)`,
    },
    { name: "latitude", type: "double precision" },
    { name: "longitude", type: "double precision" },
    said("opening_hours", "text"),
    { name: "time_zone", type: "text" },
    said("halal_claim", "text"),
    said("halal_certified", "boolean", "certification"),
    said("certifier_id", "text", "certification"),
  ],
});

/** Makes the converter of places to store rows. */
export function createStoreConverter(
  context: ConversionContext,
): (place: TaggedPlace | RecordProblem) => Conversion {
  const hoursFaultOf = rememberHours();
  return (place) => {
    if ("reason" in place) return { problem: place };
    const { tags, position } = place;
    if (position === null) {
      return {
        problem: problem("no_position", "no point, centre or shape with WGS 84 coordinates"),
      };
    }
    const name = nameOf(tags);
    if (name === null) return { problem: problem("no_name", "the place has no name") };
    if (name.length > NAME_LENGTH_MAX) {
      const detail = `a name of ${name.length} characters; ${NAME_LENGTH_MAX} at most`;
      return { problem: problem("long_name", detail) };
    }
    const type = typeOf(tags);
    if (typeof type !== "string") return { problem: type };

    const notes: RecordProblem[] = [];
    const country =
      /^[A-Za-z]{2}$/.exec(text(tags, 2, "addr:country") ?? "")?.[0].toUpperCase() ?? null;
    const timeZone = tzLookup(position.latitude, position.longitude);
    let hours = shortText(tags["opening_hours"], 2_000);
    const fault = hours === null ? null : hoursFaultOf(hours);
    if (fault !== null) {
      notes.push(problem("opening_hours", `opening hours left out: ${hours} (${fault})`));
      hours = null;
    }
    const claim = (plainText(tags["diet:halal"]) ?? plainText(tags["halal"]))?.toLowerCase();
    const named = CERTIFIER_TAGS.map((tag) => shortText(tags[tag], 400)).find(
      (one) => one !== null,
    );
    const certifier = named === undefined ? null : context.certifiers.byName(named ?? "");
    if (named !== undefined && certifier === null && !/^(?:yes|no)$/i.test(named ?? "")) {
      notes.push(problem("certifier", `certifier not known, so not marked as certified: ${named}`));
    }
    const cells = [
      context.source.id,
      place.ref ?? derivedRef(name, position),
      named === undefined ? place.says : [...place.says, "certification"],
      name,
      cutText(tags["description"], 4_000),
      type,
      addressOf(tags),
      text(tags, 400, "addr:city", "addr:town", "addr:village", "addr:suburb"),
      text(tags, 100, "addr:postcode"),
      country,
      text(tags, 300, "phone", "contact:phone", "contact:mobile", "mobile"),
      webAddress(tags["website"], 2_000) ??
        webAddress(tags["contact:website"], 2_000) ??
        webAddress(tags["url"], 2_000),
      webAddress(tags["image"], 2_000),
      position.latitude,
      position.longitude,
      hours,
      timeZone,
      claim !== undefined && CLAIMS.has(claim) ? claim : null,
      certifier !== null,
      certifier?.id ?? null,
    ];
    return notes.length === 0 ? { cells } : { cells, notes };
  };
}

function text(
  tags: Readonly<Record<string, unknown>>,
  maxBytes: number,
  ...names: readonly string[]
): string | null {
  for (const name of names) {
    const found = shortText(tags[name], maxBytes);
    if (found !== null) return found;
  }
  return null;
}

function nameOf(tags: Readonly<Record<string, unknown>>): string | null {
  for (const tag of NAME_TAGS) {
    const name = plainText(tags[tag]);
    if (name !== null) return name;
  }
  const other = Object.keys(tags).filter((tag) => /^name:[a-z]{2,3}$/.test(tag));
  for (const tag of other.sort()) {
    const name = plainText(tags[tag]);
    if (name !== null) return name;
  }
  return null;
}

function typeOf(tags: Readonly<Record<string, unknown>>): StoreType | RecordProblem {
  const given = plainText(tags["storeType"])?.toLowerCase();
  if (given === undefined) return storeTypeOf(tags);
  const known = STORE_TYPES.find((type) => type === given);
  return known ?? problem("store_type", `unknown store type ${given.slice(0, 60)}`);
}

function addressOf(tags: Readonly<Record<string, unknown>>): string | null {
  const whole = shortText(tags["addr:full"], 1_000);
  if (whole !== null) return whole;
  const street = text(tags, 600, "addr:street", "addr:place");
  if (street === null) return null;
  const number = shortText(tags["addr:housenumber"], 60);
  return number === null ? street : `${street} ${number}`;
}

/** The key of a place whose file gives none: the same place under the same name is the same store. */
function derivedRef(name: string, { latitude, longitude }: Position): string {
  return `at ${latitude.toFixed(6)} ${longitude.toFixed(6)} ${name}`;
}

/** Hours repeat, and parsing them is the slowest part of a store. */
function rememberHours(): (openingHours: string) => string | null {
  const known = new Map<string, string | null>();
  return (openingHours) => {
    const before = known.get(openingHours);
    if (before !== undefined) return before;
    const fault = hoursFault(openingHours);
    if (known.size >= VALIDATED_HOURS_MAX) known.clear();
    known.set(openingHours, fault);
    return fault;
  };
}

/** Only the syntax: which days are holidays is a question of the country, and asked when somebody wants to know. */
function hoursFault(openingHours: string): string | null {
  try {
    return new OpeningHours(openingHours, null) instanceof OpeningHours ? null : "";
  } catch (error) {
    return String(error).slice(0, 300);
  }
}
