import tzLookup from "@photostructure/tz-lookup";
import OpeningHours from "opening_hours";
import { STORE_TYPES, type StoreType } from "../../../db/tables/vocabulary.ts";
import type { Position } from "../../../geo/position.ts";
import { cutText, plainText, shortText, webAddress } from "../fields.ts";
import type { Conversion, ConversionContext } from "../../kind.ts";
import { problem, type RecordProblem } from "../../read/records.ts";
import { RecentMap } from "../../../recent-map.ts";
import { closureOf } from "./closure.ts";
import { readHalalClaim } from "./halal-claim.ts";
import { storeNames } from "./store-names.ts";
import { STORE_TARGET } from "./store-target.ts";
import { storeTypeOf } from "./store-types.ts";
import type { Cell } from "../../write/copy-text.ts";

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
  "names",
  "other_names",
] as const;
export type StoreColumn = (typeof STORE_COLUMNS)[number] | "certification";

const NAME_LENGTH_MAX = 200;
const CERTIFIER_TAGS = [
  "certifier",
  "halal:certifier",
  "halal:certification",
  "certification:halal",
  "diet:halal:certification",
];
/** OSM has 255 characters at most, and the parser takes longer than the length grows. */
const HOURS_LENGTH_MAX = 500;
const VALIDATED_HOURS_MAX = 20_000;

/** Makes the converter of places to store rows. */
export function createStoreConverter(
  context: ConversionContext,
): (place: TaggedPlace | RecordProblem) => Conversion {
  const hoursFaultOf = rememberHours();
  return (place) => {
    if ("reason" in place) return { problem: place };
    const { tags, position } = place;
    const { name, names, otherNames, isCut } = storeNames(tags);
    const closure = closureOf(tags, context.now);
    const hidden = (why: RecordProblem) =>
      hiddenRow({ ...place, sourceId: context.source.id }, why, name);
    if (closure !== null) return hidden(closure);
    const type = typeOf(tags);
    // Also a place that was one until its source made something else of it, or took everything but its point away.
    const reject =
      typeof type === "object" && type.reason === "not_food"
        ? hidden
        : (why: RecordProblem) => ({ problem: why });
    if (position === null) {
      return reject(problem("no_position", "no point, centre or shape with WGS 84 coordinates"));
    }
    if (name === null) return reject(problem("no_name", "the place has no name"));
    if (name.length > NAME_LENGTH_MAX) {
      const detail = `a name of ${name.length} characters; ${NAME_LENGTH_MAX} at most`;
      return reject(problem("long_name", detail));
    }
    const claim = readHalalClaim(tags);
    if (claim === "no") {
      return hidden(problem("not_halal", "its source says that it has no halal food"));
    }
    if (typeof type !== "string") return reject(type);

    const notes: RecordProblem[] = [];
    if (isCut) notes.push(problem("names", "some of its other names are left out: too many"));
    const country =
      /^[A-Za-z]{2}$/.exec(text(tags, 2, "addr:country") ?? "")?.[0].toUpperCase() ?? null;
    const timeZone = tzLookup(position.latitude, position.longitude);
    let hours = plainText(tags["opening_hours"]);
    const isLong = hours !== null && hours.length > HOURS_LENGTH_MAX;
    const fault = hours === null ? null : isLong ? "too long" : hoursFaultOf(hours);
    if (fault !== null) {
      notes.push(
        problem("opening_hours", `opening hours left out: ${hours?.slice(0, 500)} (${fault})`),
      );
      hours = null;
    }
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
      null,
      null,
      name,
      JSON.stringify(names),
      otherNames,
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
      claim,
      certifier !== null,
      certifier?.id ?? null,
      false,
      null,
    ];
    return notes.length === 0 ? { cells } : { cells, notes };
  };
}

/** The row that hides a store, if it is there; a place that has no key cannot have been taken before. */
function hiddenRow(
  { ref, position, sourceId }: TaggedPlace & { readonly sourceId: string },
  why: RecordProblem,
  name: string | null,
): Conversion {
  const key = ref ?? (name === null || position === null ? null : derivedRef(name, position));
  if (key === null) return { problem: why };
  const isClaim = why.reason === "not_halal";
  const given: Readonly<Record<string, Cell>> = {
    source: sourceId,
    source_ref: key,
    says: isClaim ? ["halal_claim"] : [],
    hidden_reason: why.reason,
    hidden_detail: why.detail,
    names: "{}",
    halal_claim: isClaim ? "no" : null,
  };
  return { cells: STORE_TARGET.columns.map((column) => given[column.name] ?? null) };
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
  const known = new RecentMap<string, string | null>(VALIDATED_HOURS_MAX);
  return (openingHours) => {
    const before = known.get(openingHours);
    if (before !== undefined) return before;
    const fault = hoursFault(openingHours);
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
