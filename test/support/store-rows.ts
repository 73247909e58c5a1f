import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { StoreType } from "../../src/db/tables/vocabulary.ts";

/** A store as a test makes it. */
export interface StoreSeed {
  readonly id?: string;
  readonly name?: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly storeType?: StoreType;
  readonly halalCertified?: boolean;
  readonly openingHours?: string;
  readonly timeZone?: string;
  readonly city?: string;
}

/** The source that test rows name; it must be there before them. */
export async function insertTestSource(sql: postgres.Sql): Promise<void> {
  await sql`insert into data_sources (id, name, licence, attribution) values ('test', 'Test', 'none', 'made by a test') on conflict do nothing`;
}

/** Inserts stores in one statement; gives their ids in the order of the seeds. */
export async function insertStores(
  sql: postgres.Sql,
  seeds: readonly StoreSeed[],
): Promise<string[]> {
  await insertTestSource(sql);
  const rows = seeds.map((seed) => ({
    id: seed.id ?? randomUUID(),
    name: seed.name ?? "Halal shop",
    latitude: seed.latitude,
    longitude: seed.longitude,
    store_type: seed.storeType ?? "butcher",
    halal_certified: seed.halalCertified ?? false,
    opening_hours: seed.openingHours ?? null,
    time_zone: seed.timeZone ?? "UTC",
    city: seed.city ?? null,
  }));
  for (let start = 0; start < rows.length; start += 5_000) {
    await sql`
      insert into stores (id, name, latitude, longitude, store_type, halal_certified, opening_hours, time_zone, city, source)
      select id, name, latitude, longitude, store_type, halal_certified, opening_hours, time_zone, city, 'test'
      from json_to_recordset(${JSON.stringify(rows.slice(start, start + 5_000))}::text::json) as r(
        id uuid, name text, latitude float8, longitude float8, store_type text, halal_certified boolean,
        opening_hours text, time_zone text, city text)`;
  }
  await sql`analyze stores`;
  return rows.map((row) => row.id);
}

/** The input of a caller, for the ground truth. */
export interface NearbyQuestion {
  readonly latitude: number;
  readonly longitude: number;
  readonly radiusKm: number;
  readonly limit: number;
  readonly storeType?: StoreType | undefined;
  readonly halalCertifiedOnly?: boolean | undefined;
}

/** The truth: every store measured by PostGIS, no index, no cache. Units: `distance` in metres, rounded to 0.1. */
export async function nearbyByPostgis(
  sql: postgres.Sql,
  question: NearbyQuestion,
): Promise<{ id: string; distance: number }[]> {
  const { latitude, longitude, radiusKm, limit, storeType, halalCertifiedOnly } = question;
  const rows = await sql<{ id: string; distance: string }[]>`
    select id, round(meters::numeric, 1)::text as distance from (
      select id, ST_Distance(location, ST_SetSRID(ST_MakePoint(${longitude}, ${latitude}), 4326)::geography) as meters
      from stores
      where removed_at is null
        and (${storeType ?? null}::text is null or store_type = ${storeType ?? null})
        and (not ${halalCertifiedOnly ?? false}::boolean or halal_certified)
    ) as measured
    where meters <= ${radiusKm * 1000}
    order by meters, id limit ${limit}`;
  return rows.map(({ id, distance }) => ({ id, distance: Number(distance) }));
}
