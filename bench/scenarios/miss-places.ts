import type { Position } from "../../src/geo/position.ts";
import { loadAmounts, loadDenseCity } from "../data.ts";
import { profileOptions } from "../profile.ts";
import { type Instance, startInstance } from "../instance.ts";
import type { RunOptions } from "../report/model.ts";
import type { BenchStack } from "../stack.ts";

/** The number of stores of the dense city in every database. */
export const CITY_STORES = 10_000;
const PORT = 4130;
/** How many stores are read for each wanted cell, because in a dense city many share a cell. */
const STORES_PER_CELL = 20;

/** An instance with its database, and positions in different cells. */
export interface Place {
  readonly kind: "dense" | "spread";
  /** The number of stores in the whole database. */
  readonly stores: number;
  readonly database: string;
  readonly instance: Instance;
  readonly positions: readonly Position[];
}

/** Several databases of different sizes, each with an instance. */
export interface Places {
  readonly places: readonly Place[];
  stop(): Promise<void>;
}

/**
 * Creates a database for each number of stores: `CITY_STORES` of them in one city, the others all over the world. For
 * a number up to `CITY_STORES` there are two databases, one with the city and one without. The last instance may be
 * profiled.
 */
export async function openPlaces(
  stack: BenchStack,
  sizes: readonly number[],
  cells: number,
  { say, profile }: RunOptions,
): Promise<Places> {
  const places: Place[] = [];
  const databases: string[] = [];
  const instances: Instance[] = [];
  const open = async (stores: number, kinds: readonly Place["kind"][]) => {
    const database = `bench_misses_${stores}_${kinds[0] ?? ""}`;
    databases.push(database);
    await stack.createDatabase(database);
    say(`loading ${stores.toLocaleString("en")} stores: ${kinds.join(" and ")}`);
    const inCity = kinds.includes("dense") ? CITY_STORES : 0;
    if (inCity > 0) await loadDenseCity(stack, database, inCity);
    if (stores > inCity) await loadAmounts(stack, database, { stores: stores - inCity });
    const instance = await startInstance(stack, {
      database,
      port: PORT + instances.length,
      nodeOptions: profile && stores === sizes.at(-1) ? profileOptions() : [],
    });
    instances.push(instance);
    for (const kind of kinds) {
      const positions = await findPositions(stack, database, kind, cells);
      places.push({ kind, stores, database, instance, positions });
    }
  };
  const stop = async () => {
    for (const instance of instances) await instance.stop();
    for (const database of databases) await stack.dropDatabase(database);
  };
  try {
    for (const stores of sizes) {
      if (stores > CITY_STORES) await open(stores, ["dense", "spread"]);
      else {
        await open(stores, ["dense"]);
        await open(stores, ["spread"]);
      }
    }
    return { places, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Finds positions of stores in different cells, in random order, because people are where stores are. */
async function findPositions(
  stack: BenchStack,
  database: string,
  kind: Place["kind"],
  count: number,
): Promise<Position[]> {
  const sql = stack.superuser(database);
  try {
    const rows = await sql<(Position & { shuffled: string })[]>`
      select * from (
        select distinct on (cell) latitude, longitude, shuffled from (
          select latitude, longitude, ST_GeoHash(location::geometry, 6) as cell, md5(latitude::text) as shuffled
          from stores where (name like '% of the dense city') = ${kind === "dense"}
          order by shuffled limit ${count * STORES_PER_CELL}
        ) as chosen order by cell, shuffled
      ) as each_in_its_cell
      order by shuffled limit ${count}`;
    if (rows.length < count) throw new Error(`only ${rows.length} cells of ${count}: ${database}`);
    return rows.map(({ latitude, longitude }) => ({ latitude, longitude }));
  } finally {
    await sql.end();
  }
}
