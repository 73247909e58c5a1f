import type postgres from "postgres";
import { runCommand } from "./processes.ts";
import { type BenchStack, JWT_SECRET } from "./stack.ts";

/** How many rows of each kind `npm run bench:data` makes. */
export interface Amounts {
  readonly stores?: number;
  readonly products?: number;
  readonly users?: number;
}

/** The position and the id of a store. */
export interface PlacedStore {
  readonly id: string;
  readonly latitude: number;
  readonly longitude: number;
}

function environmentOf(stack: BenchStack, database: string): Record<string, string> {
  return {
    DATABASE_URL: stack.databaseUrl(database),
    DATABASE_DIRECT_URL: stack.directUrl(database),
    JWT_SECRET,
  };
}

/** Loads the demo data: certifiers, additives, boycott targets and a few thousand stores. */
export async function loadDemo(stack: BenchStack, database: string): Promise<void> {
  await runCommand(["src/cli/demo.ts"], environmentOf(stack, database));
}

/** Loads rows with `npm run bench:data`. */
export async function loadAmounts(
  stack: BenchStack,
  database: string,
  amounts: Amounts,
): Promise<void> {
  const parameters = Object.entries(amounts).flatMap(([kind, count]) => [
    `--${kind}`,
    String(count),
  ]);
  await withoutIndexes(stack, database, async () => {
    await runCommand(["src/cli/bench-data.ts", ...parameters], environmentOf(stack, database));
  });
}

/** The middle of the dense city. */
export const DENSE_CITY = { latitude: 41.01, longitude: 28.97 } as const;
/** Standard deviations of the stores' distance from the middle, north and east. Units: degrees. */
const SPREAD_NORTH_DEGREES = 0.09;
const SPREAD_EAST_DEGREES = 0.12;

/** One in this many stores of the city is of its rarest type. */
const RARE_EVERY = 500;
export const RARE_TYPE = "abattoir";

/** Adds one city with stores within about 10 km (one sigma). */
export async function loadDenseCity(
  stack: BenchStack,
  database: string,
  count: number,
): Promise<void> {
  await withoutIndexes(stack, database, async (sql) => {
    await sql`
      insert into data_sources (id, name, licence, attribution)
      values ('bench', 'Made up for load tests', 'CC0-1.0', 'none') on conflict do nothing`;
    await sql`select setseed(0.5)`;
    await sql`
      insert into stores (name, store_type, address, city, postal_code, country, phone, website, latitude, longitude,
        halal_certified, average_rating, review_count, opening_hours, time_zone, source)
      select 'Store ' || n || ' of the dense city', case when n % ${RARE_EVERY} = 0 then ${RARE_TYPE}
          else (array['restaurant', 'restaurant', 'restaurant', 'butcher', 'butcher', 'supermarket', 'supermarket', 'bakery'])[1 + n % 8] end,
        n % 200 || ' Long Street', 'Istanbul', lpad((n % 10000)::text, 5, '0'), 'TR', '+90 212 ' || n,
        'https://store-' || n || '.example.com/', ${DENSE_CITY.latitude} + random_normal(0, ${SPREAD_NORTH_DEGREES}),
        ${DENSE_CITY.longitude} + random_normal(0, ${SPREAD_EAST_DEGREES}), n % 5 = 0, (n % 50)::real / 10, n % 900,
        'Mo-Su 10:00-22:00', 'Europe/Istanbul', 'bench'
      from generate_series(1, ${count}::int) as n`;
    await sql`analyze stores`;
  });
}

/** Runs work without the indexes that only make queries faster, and creates the indexes again afterwards. */
export async function withoutIndexes(
  stack: BenchStack,
  database: string,
  work: (sql: postgres.Sql) => Promise<void>,
): Promise<void> {
  const sql = stack.superuser(database);
  try {
    // No instance runs yet, so none needs the events of a bulk load.
    await sql.unsafe("alter table stores disable trigger user");
    const indexes = await sql<{ name: string; definition: string }[]>`
      select indexrelid::regclass::text as name, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as definition
      from pg_index where not indisunique and indrelid in ('stores'::regclass, 'products'::regclass, 'scans'::regclass)`;
    for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
    await work(sql);
    for (const { definition } of indexes) await sql.unsafe(definition);
    await sql.unsafe("alter table stores enable trigger user");
    await sql.unsafe("vacuum analyze");
    await sql.unsafe("checkpoint");
  } finally {
    await sql.end();
  }
}

/** Finds stores in different cells, because people are where stores are. */
export async function findBusyCells(sql: postgres.Sql, count: number): Promise<PlacedStore[]> {
  return await sql<PlacedStore[]>`
    select distinct on (cell) id, latitude, longitude from (
      select id, latitude, longitude, ST_GeoHash(location::geometry, 6) as cell, md5(id::text) as shuffled
      from stores where removed_at is null
        and 20 <= (select count(*) from (
          select from stores n where n.removed_at is null and ST_DWithin(n.location, stores.location, 3000) limit 20) as near)
      order by shuffled limit ${count * 3}
    ) as chosen
    order by cell, shuffled limit ${count}`;
}
