import { type SQL, sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { rawRows } from "../../db/client/raw-rows.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { StoreType } from "../../db/tables/vocabulary.ts";
import { walkingIndex } from "../../db/client/errors.ts";
import type { Position } from "../../geo/position.ts";
import { SPHEROID_TO_SPHERE_MAX } from "../../geo/sphere-margin.ts";
import type { NamesByLanguage } from "../../trpc/languages.ts";
import type { StoreColumns, StoreSummary } from "./schemas.ts";
import { idIn } from "./store-json.ts";

/** A store as an entry wants it: where it is, and where in `CellStores.json` it stands. */
export interface CellStore {
  readonly id: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly start: number;
  readonly end: number;
}

/** The rows of a cell, and how far they reach. */
export interface CellStores {
  readonly stores: readonly CellStore[];
  /** Each one's `StoreSummary`, with its names in other languages as the last key. */
  readonly json: Buffer;
  /** Every store up to this far from the centre is among the rows. Units: metres. */
  readonly reachMeters: number;
}

/** Which stores an entry is about. */
export interface StoreFilter {
  readonly storeType: StoreType | undefined;
  readonly halalCertifiedOnly: boolean;
}

/** What a `StoreSummary` has, and last the name in other languages, from which one may be shown instead. */
export const summaryColumns = sql.raw(`
  id, name, latitude, longitude, store_type as "storeType", halal_certified as "halalCertified", address, city,
  postal_code as "postalCode", country, phone, website, image_url as "imageUrl", certifier_id as "certifierId",
  average_rating as "averageRating", halal_claim as "halalClaim", names`);

const LINE_FEED = 10;
/** Numbers closer to zero PostgreSQL writes with an exponent where JavaScript does not; it also writes a negative zero. */
const TINY = 0.0001;

/** A position as the database has it. */
export function point({ latitude, longitude }: Position): SQL {
  return sql`ST_SetSRID(ST_MakePoint(${longitude}::float8, ${latitude}::float8), 4326)::geography`;
}

/** In literals where a partial index is to be used: its condition must be known when the statement is planned. */
export function visibleStores({ storeType, halalCertifiedOnly }: StoreFilter): SQL {
  return sql.join(
    [
      sql`removed_at is null`,
      ...(halalCertifiedOnly ? [sql`halal_certified`] : []),
      ...(storeType === undefined ? [] : [sql`store_type = ${storeType}`]),
    ],
    sql` and `,
  );
}

/**
 * Every store that can be among the `limit` nearest for some caller at most `padMeters` from the centre.
 * The index is walked twice: by `<->`, on a sphere, to learn how far the `limit`-th store is, then within that reach.
 * Units: metres.
 * Source: triangle inequality; a caller's answers lie within `min(radius + pad, d_limit + 2 pad)` of the centre.
 */
export function listCellStores(
  db: Db,
  center: Position,
  area: CellArea,
  filter: StoreFilter,
): Promise<Loaded<CellStores>> {
  return walkingIndex((mayWalk) =>
    listStores(db, center, mayWalk ? area : { ...area, limit: null }, filter),
  );
}

/** What a cell's entry has to cover. Units: metres; stores, null for all within the radius. */
interface CellArea {
  readonly padMeters: number;
  readonly radiusMeters: number;
  readonly limit: number | null;
}

async function listStores(
  db: Db,
  center: Position,
  { padMeters, radiusMeters, limit }: CellArea,
  filter: StoreFilter,
): Promise<Loaded<CellStores>> {
  const here = point(center);
  const where = visibleStores(filter);
  const widestMeters = sql`${radiusMeters + padMeters}::float8`;
  const reach =
    limit === null
      ? sql`reach as materialized (select ${widestMeters} as meters)`
      : sql`nearest as materialized (
      select location <-> ${here} as sphere_meters from stores where ${where} order by location <-> ${here} limit ${limit}
    ), reach as materialized (
      select least(
        ${widestMeters},
        case when count(*) >= ${limit} then max(sphere_meters) * ${SPHEROID_TO_SPHERE_MAX}::float8 + ${2 * padMeters + 0.01}::float8 end
      ) as meters from nearest
    )`;
  const [row] = await rawRows(
    db,
    sql`
    with ${reach}
    select pg_current_snapshot(), (select meters from reach),
      coalesce(json_agg(latitude), '[]'), coalesce(json_agg(longitude), '[]'),
      case when bool_or("averageRating" < ${TINY}::float8 and "averageRating"::text <> '0') then 1 end,
      coalesce(string_agg(row_to_json(found)::text, e'\n'), '')
    from (
      select ${summaryColumns} from stores
      where ${where} and ST_DWithin(location, ${here}, (select meters from reach))
    ) as found`,
  );
  const [snapshot, meters, latitudeList, longitudeList, tinyRating, lines] = row ?? [];
  if (!snapshot || !meters || !latitudeList || !longitudeList || !lines)
    throw new Error("the cell's query gave no row");
  const latitudes = JSON.parse(latitudeList.toString()) as readonly number[];
  const longitudes = JSON.parse(longitudeList.toString()) as readonly number[];
  const isTiny = (degrees: number) => Math.abs(degrees) < TINY;
  const json =
    tinyRating || latitudes.some(isTiny) || longitudes.some(isTiny)
      ? spelledAsJavaScript(lines.toString())
      : lines;
  const stores: CellStore[] = [];
  // JSON has no line break of its own.
  for (let start = 0; start < json.length;) {
    const lineFeedAt = json.indexOf(LINE_FEED, start);
    const end = lineFeedAt === -1 ? json.length : lineFeedAt;
    const latitude = latitudes[stores.length] ?? Number.NaN;
    const longitude = longitudes[stores.length] ?? Number.NaN;
    stores.push({ id: idIn(json, start), latitude, longitude, start, end });
    start = end + 1;
  }
  const value = { stores, json, reachMeters: Number(meters) };
  return { value, snapshot: snapshot.toString() };
}

function spelledAsJavaScript(lines: string): Buffer {
  const texts = lines.split("\n").map((line) => JSON.stringify(JSON.parse(line)));
  return Buffer.from(texts.join("\n"));
}

/** A store as `store.byId` shows it, but for whether it is open. */
export interface StoreRow extends StoreSummary {
  readonly description: string | null;
  readonly openingHours: string | null;
  readonly timeZone: string;
  readonly certifierName: string | null;
  readonly reviewCount: number;
  readonly names: NamesByLanguage;
  readonly otherNames: readonly string[];
  readonly source: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly attribution: {
    readonly name: string;
    readonly licence: string;
    readonly attribution: string;
    readonly url: string | null;
  };
}

/** What `store.byId` shows of a store `s`, its source `d` and its certifier `c`. */
const detail = sql`
  s.id, s.name, s.store_type as "storeType", s.address, s.city, s.postal_code as "postalCode", s.country,
  s.phone, s.website, s.image_url as "imageUrl", s.latitude, s.longitude,
  s.halal_certified as "halalCertified", s.certifier_id as "certifierId", s.average_rating as "averageRating",
  s.description, s.opening_hours as "openingHours", s.time_zone as "timeZone",
  s.halal_claim as "halalClaim", s.names, to_json(s.other_names) as "otherNames",
  c.name as "certifierName", s.review_count as "reviewCount", s.source,
  ${isoInstant(sql`s.created_at`)} as "createdAt", ${isoInstant(sql`s.updated_at`)} as "updatedAt",
  json_build_object('name', d.name, 'licence', d.licence, 'attribution', d.attribution, 'url', d.url) as "attribution"`;

/** One store, or null when there is none (or none any more). */
export async function findStore(db: Db, id: string): Promise<Loaded<StoreRow | null>> {
  const [row] = await db.execute<{ snapshot: string; store: StoreRow | null }>(sql`
    select pg_current_snapshot()::text as "snapshot", (
      select row_to_json(found) from (
        select ${detail}
        from stores s join data_sources d on d.id = s.source left join certifiers c on c.id = s.certifier_id
        where s.id = ${id} and s.removed_at is null
      ) as found
    ) as "store"`);
  if (row === undefined) throw new Error("the store's query gave no row");
  return { value: row.store, snapshot: row.snapshot };
}

/** Any subset of the writable fields. */
export type StoreChanges = {
  readonly [Field in keyof StoreColumns]?: StoreColumns[Field] | undefined;
};

/** Each writable field's column. */
const COLUMNS = {
  name: "name",
  description: "description",
  storeType: "store_type",
  address: "address",
  city: "city",
  postalCode: "postal_code",
  country: "country",
  phone: "phone",
  website: "website",
  imageUrl: "image_url",
  latitude: "latitude",
  longitude: "longitude",
  halalCertified: "halal_certified",
  certifierId: "certifier_id",
  averageRating: "average_rating",
  reviewCount: "review_count",
  openingHours: "opening_hours",
  timeZone: "time_zone",
} as const satisfies Record<keyof StoreColumns, string>;

/** The columns and values of the fields that were given. */
function given(fields: StoreChanges): { column: SQL; value: SQL }[] {
  return Object.entries(COLUMNS).flatMap(([field, column]) => {
    const value = fields[field as keyof StoreColumns];
    return value === undefined
      ? []
      : [{ column: sql.identifier(column).getSQL(), value: sql`${value}` }];
  });
}

/** Makes a store. Errors: the database's when a constraint is broken. */
export async function insertStore(
  db: Db,
  fields: StoreColumns & { timeZone: string },
): Promise<StoreRow> {
  const parts = given(fields);
  const [row] = await db.execute<StoreRow & Record<string, unknown>>(sql`
    with s as (
      insert into stores (source, ${sql.join(
        parts.map(({ column }) => column),
        sql`, `,
      )})
      values ('admin', ${sql.join(
        parts.map(({ value }) => value),
        sql`, `,
      )})
      returning *
    )
    select ${detail} from s join data_sources d on d.id = s.source left join certifiers c on c.id = s.certifier_id`);
  if (row === undefined) throw new Error("the store was not inserted");
  return row;
}

/** Where a store is, or null when there is none. */
export async function findPosition(db: Db, id: string): Promise<Position | null> {
  const [row] = await db.execute<{ latitude: number; longitude: number }>(
    sql`select latitude, longitude from stores where id = ${id} and removed_at is null`,
  );
  return row ?? null;
}

/**
 * Changes a store, or gives null when there is none (or none at `from`, if that is given).
 * Errors: the database's when a constraint is broken.
 */
export async function updateStore(
  db: Db,
  id: string,
  fields: StoreChanges,
  from?: Position,
): Promise<StoreRow | null> {
  const parts = given(fields);
  if (parts.length === 0) return (await findStore(db, id)).value;
  const [row] = await db.execute<StoreRow & Record<string, unknown>>(sql`
    with s as (
      update stores set ${sql.join(
        parts.map(({ column, value }) => sql`${column} = ${value}`),
        sql`, `,
      )}
      where id = ${id} and removed_at is null${
        from === undefined
          ? sql``
          : sql` and latitude = ${from.latitude}::float8 and longitude = ${from.longitude}::float8`
      }
      returning *
    )
    select ${detail} from s join data_sources d on d.id = s.source left join certifiers c on c.id = s.certifier_id`);
  return row ?? null;
}

/** Hides a store everywhere; false when there is none. */
export async function removeStore(db: Db, id: string): Promise<boolean> {
  const rows = await db.execute(sql`
    update stores set removed_at = now() where id = ${id} and removed_at is null returning id`);
  return rows.length > 0;
}
