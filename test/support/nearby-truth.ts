import type postgres from "postgres";
import type { NearbyQuestion } from "./store-rows.ts";

/** A store of an answer, as far as the ground truth goes. */
export interface Placed {
  readonly id: string;
  readonly distance: number;
}

/**
 * `nearbyByPostgis` for many questions in one statement; a bounding box leaves out what is much too far.
 * Units: `distance` in metres, rounded to 0.1.
 */
export async function nearbyTruths(
  sql: postgres.Sql,
  questions: readonly NearbyQuestion[],
): Promise<Placed[][]> {
  const asked = questions.map((question, place) => ({
    place,
    latitude: question.latitude,
    longitude: question.longitude,
    meters_max: question.radiusKm * 1000,
    stores_max: question.limit,
    store_type: question.storeType ?? null,
    certified: question.halalCertifiedOnly ?? false,
  }));
  const rows = await sql<{ stores: [string, number][] | null }[]>`
    select (
      select json_agg(json_build_array(id, round(meters::numeric, 1)::float8) order by meters, id) from (
        select id, meters from (
          select id, ST_Distance(location, here) as meters from stores
          where location && _ST_Expand(here, meters_max + 1000) and removed_at is null
            and (q.store_type is null or stores.store_type = q.store_type)
            and (not certified or halal_certified)
        ) as measured
        where meters <= meters_max order by meters, id limit stores_max
      ) as nearest
    ) as stores
    from (
      select *, ST_SetSRID(ST_MakePoint(longitude, latitude), 4326)::geography as here
      from json_to_recordset(${JSON.stringify(asked)}::text::json) as r(
        place int, latitude float8, longitude float8, meters_max float8, stores_max int, store_type text, certified boolean)
    ) as q
    order by place`;
  return rows.map(({ stores }) => (stores ?? []).map(([id, distance]) => ({ id, distance })));
}
