import type postgres from "postgres";
import { signToken } from "../../../src/http/token.ts";
import type { PlacedStore } from "../../data.ts";
import { JWT_SECRET } from "../../stack.ts";
import type { World } from "./phones.ts";

/** People live in this many of the largest cities, in proportion to a city's shops. */
const CITIES = 5;
/** The radius of a city. Units: degrees. */
const CITY_DEGREES = 0.25;
const TOKEN_SECONDS = 86_400;
const SIGNED_AT_ONCE = 1_000;

/** Reads the phones' data from the database, and signs tokens for people who have scanned. */
export async function readWorld(sql: postgres.Sql, people: number): Promise<World> {
  const shops = await sql<(PlacedStore & { readonly city: string; readonly cell: string })[]>`
    with squares as (
      select round(latitude / ${CITY_DEGREES}::float8) as y, round(longitude / ${CITY_DEGREES}::float8) as x, count(*) as shops
      from stores where removed_at is null group by 1, 2 order by shops desc limit ${CITIES}
    )
    select s.id, s.latitude, s.longitude, q.y || '/' || q.x as city, ST_GeoHash(s.location::geometry, 6) as cell
    from stores s
    join squares q on round(s.latitude / ${CITY_DEGREES}::float8) = q.y and round(s.longitude / ${CITY_DEGREES}::float8) = q.x
    where s.removed_at is null order by s.id`;
  const codes = await sql<{ code: string }[]>`select code from additives order by code`;
  const products = await sql<{ barcode: string }[]>`select barcode from products order by barcode`;
  const users = await sql<{ id: string }[]>`
    select user_id as id from scans group by user_id order by user_id limit ${people}`;
  const tokens: string[] = [];
  for (let i = 0; i < users.length; i += SIGNED_AT_ONCE) {
    const signed = users
      .slice(i, i + SIGNED_AT_ONCE)
      .map(({ id }) =>
        signToken(
          JWT_SECRET,
          { id, isAdmin: false },
          { lifetimeSeconds: TOKEN_SECONDS, issuer: null, audience: null },
        ),
      );
    tokens.push(...(await Promise.all(signed)));
  }
  if (shops.length === 0 || products.length === 0 || tokens.length === 0) {
    throw new Error("there are no shops, products or users for the phones");
  }
  const byCity = Map.groupBy(shops, ({ city }) => city);
  const cities = [...byCity.values()].map((inCity) =>
    [...Map.groupBy(inCity, ({ cell }) => cell).values()].toSorted((a, b) => b.length - a.length),
  );
  return {
    cities,
    additiveCodes: codes.map(({ code }) => code),
    barcodes: products.map(({ barcode }) => barcode),
    tokens,
  };
}
