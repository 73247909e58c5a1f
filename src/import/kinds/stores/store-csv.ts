import { looseFields, looseName, plainText } from "../fields.ts";
import { osmRef, toPosition } from "./osm.ts";
import { isObject, problem, type RecordProblem } from "../../read/records.ts";
import { canonicalLanguage } from "./store-names.ts";
import { STORE_COLUMNS, type StoreColumn, type TaggedPlace } from "./store-rows.ts";

/** Column names (loosely: `Postal Code` is `postalcode`) and the OSM tag each one is. */
const TAG_BY_COLUMN: Readonly<Record<string, string>> = {
  name: "name",
  description: "description",
  storetype: "storeType",
  type: "storeType",
  address: "addr:full",
  street: "addr:street",
  housenumber: "addr:housenumber",
  city: "addr:city",
  postalcode: "addr:postcode",
  postcode: "addr:postcode",
  country: "addr:country",
  phone: "phone",
  website: "website",
  url: "url",
  imageurl: "image",
  image: "image",
  openinghours: "opening_hours",
  halalclaim: "diet:halal",
  certifier: "certifier",
  certifierid: "certifier",
};

/** Tags by the loose form of their names, for files whose columns are OSM's own. */
const OSM_TAGS: ReadonlyMap<string, string> = new Map(
  [
    "amenity",
    "shop",
    "cuisine",
    "craft",
    "industrial",
    "wholesale",
    "int_name",
    "official_name",
    "brand",
    "alt_name",
    "old_name",
    "short_name",
    "loc_name",
    "operational_status",
    "business_status",
    "status",
    "disused",
    "abandoned",
    "vacant",
    "closed",
    "permanently_closed",
    "start_date",
    "end_date",
    "addr:full",
    "addr:street",
    "addr:place",
    "addr:housenumber",
    "addr:city",
    "addr:postcode",
    "addr:country",
    "contact:phone",
    "contact:website",
    "diet:halal",
    "halal",
  ].map((tag) => [tag.replaceAll(/[_-]/g, ""), tag]),
);

/** The tags that each column of a store is made from. */
const TAGS_BY_COLUMN: Readonly<Record<(typeof STORE_COLUMNS)[number], RegExp>> = {
  description: /^description$/,
  store_type: /^(?:storeType|amenity|shop|cuisine|craft|industrial|wholesale)$/,
  address: /^addr:(?:full|street|place)$/,
  city: /^addr:city$/,
  postal_code: /^addr:postcode$/,
  country: /^addr:country$/,
  phone: /^(?:contact:)?phone$/,
  website: /^(?:(?:contact:)?website|url)$/,
  opening_hours: /^opening_hours$/,
  halal_claim: /^(?:diet:)?halal$/,
  // A language that has no column keeps its name.
  names: /(?!)/,
  other_names: /^(?:(?:int|official|alt|old|short|loc)_name|brand)$/,
};

/** A column with the name in one language: `name_en`, `name:ms-Arab`, `Name (fr)`, `nameAr`. */
const LOCAL_NAME =
  /^name(?:[\s_:.-]+|\s*[[(])([a-z]{2,3}(?:[-_][a-z]{4})?(?:[-_](?:[a-z]{2}|\d{3}))?)[\])]?$/i;
const CAMEL_NAME = /^name([A-Z][a-z])$/;
/** A column of another time, such as `disused:amenity`. */
const LIFECYCLE = /^[a-z]+:(?:amenity|shop|craft|industrial)$/;

const REF_COLUMNS = ["sourceref", "ref", "id", "@id", "osmid"];

/** Reads a row of a CSV file, with columns of ours or OSM's, as a place. */
export function readCsvPlace(value: unknown): TaggedPlace | RecordProblem {
  if (!isObject(value)) return problem("not_a_place", "not a row");
  const fields = looseFields(value);
  const tags: Record<string, unknown> = {};
  for (const [column, field] of Object.entries(value)) {
    const language = (LOCAL_NAME.exec(column) ?? CAMEL_NAME.exec(column))?.[1];
    const canonical = language === undefined ? null : canonicalLanguage(language);
    if (canonical !== null && isLanguage(canonical)) tags[`name:${canonical}`] ??= field;
  }
  for (const [column, field] of fields) {
    const tag = tagOf(column);
    if (tag !== null) tags[tag] ??= field;
  }
  if (
    tags["storeType"] === undefined &&
    tags["amenity"] === undefined &&
    tags["shop"] === undefined
  ) {
    tags["storeType"] = "other";
  }
  const read = (...columns: readonly string[]) =>
    columns.map((column) => fields.get(column)).find((field) => field !== undefined);
  const type = plainText(read("@type", "osmtype"));
  const ref = read(...REF_COLUMNS);
  return {
    tags,
    position: toPosition(
      read("latitude", "lat", "@lat", "y"),
      read("longitude", "lon", "lng", "@lon", "x"),
    ),
    ref: type === null ? osmRef(ref) : osmRef(`${type}/${plainText(ref)}`),
    says: columnsOf(value),
  };
}

const LANGUAGES = new Intl.DisplayNames("en", { type: "language", fallback: "none" });

/** Whether a column's ending is a language, and not a word of two or three letters. */
const isLanguage = (tag: string) => tag !== "alt" && LANGUAGES.of(tag) !== undefined;

function tagOf(column: string): string | null {
  const known = Object.hasOwn(TAG_BY_COLUMN, column) ? TAG_BY_COLUMN[column] : undefined;
  return known ?? OSM_TAGS.get(column) ?? (LIFECYCLE.test(column) ? column : null);
}

/** The columns that a row speaks about, also with an empty field. */
function columnsOf(value: Readonly<Record<string, unknown>>): StoreColumn[] {
  const tags = Object.keys(value).map((name) => tagOf(looseName(name)) ?? "");
  const columns = STORE_COLUMNS.filter((column) =>
    tags.some((tag) => TAGS_BY_COLUMN[column].test(tag)),
  );
  return tags.includes("certifier") ? [...columns, "certification"] : columns;
}
