import type { Position } from "../../../geo/position.ts";
import { finiteNumber, plainText } from "../fields.ts";
import { isObject, problem, type RecordProblem } from "../../read/records.ts";
import { STORE_COLUMNS, type TaggedPlace } from "./store-rows.ts";

/**
 * Reads a GeoJSON feature or an Overpass element as a place.
 * Source: RFC 7946 (GeoJSON); OSM wiki, Overpass API/Language (output formats).
 */
export function readOsmPlace(value: unknown): TaggedPlace | RecordProblem {
  if (!isObject(value)) return problem("not_a_place", "not a GeoJSON feature or Overpass element");
  if (value["type"] === "Feature") {
    const tags = isObject(value["properties"]) ? value["properties"] : {};
    return {
      tags: isObject(tags["tags"]) ? { ...tags, ...tags["tags"] } : tags,
      position: isObject(value["geometry"]) ? positionOfGeometry(value["geometry"]) : null,
      ref: osmRef(value["id"]) ?? osmRef(tags["@id"]) ?? osmRefOf(tags["osm_type"], tags["osm_id"]),
      says: STORE_COLUMNS,
    };
  }
  if (/^(?:node|way|relation)$/.test(String(value["type"]))) {
    return {
      tags: isObject(value["tags"]) ? value["tags"] : {},
      position: positionOfElement(value),
      ref: osmRefOf(value["type"], value["id"]),
      says: STORE_COLUMNS,
    };
  }
  return problem("not_a_place", "not a GeoJSON feature or Overpass element");
}

const TYPE_BY_LETTER: ReadonlyMap<string, string> = new Map([
  ["n", "node"],
  ["w", "way"],
  ["r", "relation"],
]);

/** An element's key as every tool writes it (`node/1`, `n1`, `https://…/node/1`), in one form; osmium's areas are ways and relations. */
export function osmRef(id: unknown): string | null {
  const text = plainText(id);
  if (text === null) return null;
  const [, type, number] = /(?:^|\/)(node|way|relation)[/ ](\d{1,19})$/.exec(text) ?? [];
  if (type !== undefined) return `${type}/${number}`;
  const [, letter = "", digits = ""] = /^([nwra])(\d{1,19})$/.exec(text) ?? [];
  if (letter === "a") {
    const area = BigInt(digits);
    return area % 2n === 0n ? `way/${area / 2n}` : `relation/${(area - 1n) / 2n}`;
  }
  const long = TYPE_BY_LETTER.get(letter);
  if (long !== undefined) return `${long}/${digits}`;
  return text.length <= 200 ? text : null;
}

function osmRefOf(type: unknown, id: unknown): string | null {
  const name = plainText(type)?.toLowerCase();
  const number = plainText(id);
  if (name === undefined || number === null || !/^\d{1,19}$/.test(number)) return null;
  return `${TYPE_BY_LETTER.get(name.slice(0, 1)) ?? name}/${number}`;
}

/** A WGS 84 position, or null when it is out of range. */
export function toPosition(latitude: unknown, longitude: unknown): Position | null {
  const lat = finiteNumber(latitude);
  const lon = finiteNumber(longitude);
  return lat !== null && lon !== null && Math.abs(lat) <= 90 && Math.abs(lon) <= 180
    ? { latitude: lat, longitude: lon }
    : null;
}

function positionOfElement(element: Readonly<Record<string, unknown>>): Position | null {
  const own = toPosition(element["lat"], element["lon"]);
  if (own !== null) return own;
  const center = element["center"];
  if (isObject(center)) return toPosition(center["lat"], center["lon"]);
  const bounds = element["bounds"];
  if (!isObject(bounds)) return null;
  const south = toPosition(bounds["minlat"], bounds["minlon"]);
  const north = toPosition(bounds["maxlat"], bounds["maxlon"]);
  return south === null || north === null ? null : middle([south, north]);
}

function positionOfGeometry(geometry: Readonly<Record<string, unknown>>): Position | null {
  const coordinates = geometry["coordinates"];
  switch (geometry["type"]) {
    case "Point":
      return readPoint(coordinates);
    case "Polygon":
      return centroid(readPoints(firstOf(coordinates)));
    case "MultiPolygon":
      return centroid(readPoints(firstOf(firstOf(coordinates))));
    case "MultiPoint":
    case "LineString":
      return middle(readPoints(coordinates));
    case "MultiLineString":
      return middle(readPoints(firstOf(coordinates)));
    default:
      return null;
  }
}

const firstOf = (value: unknown): unknown =>
  Array.isArray(value) ? (value as readonly unknown[])[0] : undefined;

function readPoint(value: unknown): Position | null {
  if (!Array.isArray(value)) return null;
  const [longitude, latitude] = value as readonly unknown[];
  return toPosition(latitude, longitude);
}

function readPoints(value: unknown): Position[] {
  if (!Array.isArray(value)) return [];
  return value.map(readPoint).filter((point) => point !== null);
}

/** The middle of the points' extent, on the short way around the Earth. */
function middle(points: readonly Position[]): Position | null {
  const [first] = points;
  if (first === undefined) return null;
  const latitudes = points.map(({ latitude }) => latitude);
  const longitudes = points.map(({ longitude }) => unwrap(longitude, first.longitude));
  const mean = (values: readonly number[]) => {
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return (low + high) / 2;
  };
  return { latitude: mean(latitudes), longitude: wrap(mean(longitudes)) };
}

/** A ring's centre of area on the map plane; a shop is too small for the Earth's curvature to matter. */
function centroid(ring: readonly Position[]): Position | null {
  const [origin] = ring;
  if (origin === undefined) return null;
  let area = 0;
  let x = 0;
  let y = 0;
  for (const [index, point] of ring.entries()) {
    const next = ring[(index + 1) % ring.length] ?? point;
    const x1 = unwrap(point.longitude, origin.longitude) - origin.longitude;
    const y1 = point.latitude - origin.latitude;
    const x2 = unwrap(next.longitude, origin.longitude) - origin.longitude;
    const y2 = next.latitude - origin.latitude;
    const cross = x1 * y2 - x2 * y1;
    area += cross;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  }
  if (Math.abs(area) < 1e-18) return middle(ring);
  const latitude = origin.latitude + y / (3 * area);
  // A ring that crosses itself can have its centre anywhere.
  return toPosition(latitude, wrap(origin.longitude + x / (3 * area))) ?? middle(ring);
}

const unwrap = (longitude: number, near: number) =>
  longitude - near > 180 ? longitude - 360 : longitude - near < -180 ? longitude + 360 : longitude;
const wrap = (longitude: number) =>
  longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;
