import { type SQL, sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { Position } from "../../geo/position.ts";
import type { NamesByLanguage } from "../../trpc/languages.ts";
import type { StoreColumns, StoreSummary } from "./schemas.ts";

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

/** The columns of a store `s` and its certifier `c`. */
export const storeColumns = sql`
  s.id, s.name, s.store_type as "storeType", s.address, s.city, s.postal_code as "postalCode", s.country,
  s.phone, s.website, s.image_url as "imageUrl", s.latitude, s.longitude,
  s.halal_certified as "halalCertified", s.certifier_id as "certifierId", s.average_rating as "averageRating",
  s.description, s.opening_hours as "openingHours", s.time_zone as "timeZone",
  s.halal_claim as "halalClaim", s.names, to_json(s.other_names) as "otherNames",
  c.name as "certifierName", s.review_count as "reviewCount", s.source,
  ${isoInstant(sql`s.created_at`)} as "createdAt", ${isoInstant(sql`s.updated_at`)} as "updatedAt"`;

/** The columns that `store.byId` shows of a store `s`, its source `d` and its certifier `c`. */
const detail = sql`${storeColumns},
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
