import { looseFields, plainText } from "./fields.ts";
import { osmRef, toPosition } from "./osm.ts";
import { isObject, problem, type RecordProblem } from "./records.ts";
import type { TaggedPlace } from "./store-rows.ts";

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

const REF_COLUMNS = ["sourceref", "ref", "id", "@id", "osmid"];

/** Reads a row of a CSV file, with columns of ours or OSM's, as a place. */
export function readCsvPlace(value: unknown): TaggedPlace | RecordProblem {
  if (!isObject(value)) return problem("not_a_place", "not a row");
  const fields = looseFields(value);
  const tags: Record<string, unknown> = {};
  for (const [column, field] of fields) {
    const known = Object.hasOwn(TAG_BY_COLUMN, column) ? TAG_BY_COLUMN[column] : undefined;
    const tag = known ?? OSM_TAGS.get(column) ?? (/^name:[a-z]{2,3}$/.test(column) ? column : null);
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
    saysCertification: Object.keys(value).some((column) =>
      /^certifier(?:[\s_-]?id)?$/i.test(column.trim()),
    ),
  };
}
