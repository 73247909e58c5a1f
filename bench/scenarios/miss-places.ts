import type { Position } from "../../src/geo/position.ts";
import { loadAmounts, loadDenseCity } from "../data.ts";
import { profileOptions } from "../profile.ts";
import { type Replica, startReplica } from "../replica.ts";
import type { RunOptions } from "../report/model.ts";
import type { BenchStack } from "../stack.ts";

/** How many stores the dense city has, whatever the database has besides. */
export const CITY_STORES = 10_000;
const PORT = 4130;
/** Stores looked at for each cell that is wanted: in a dense city many share one. */
const STORES_PER_CELL = 20;

/** Where questions are asked: a replica over a database, and positions that each lie in another cell. */
export interface Place {
  readonly kind: "dense" | "spread";
  /** In the whole database. */
  readonly stores: number;
  readonly database: string;
  readonly replica: Replica;
  readonly positions: readonly Position[];
}

/** Databases of several sizes, each with a replica. */
export interface Places {
  readonly places: readonly Place[];
  stop(): Promise<void>;
}

/**
 * Makes a database for each number of stores, in which one city has `CITY_STORES` of them and the others are spread
 * over the world; with no more than a city's, one with the city and one without. The last replica may be profiled.
 */
export async function openPlaces(
  stack: BenchStack,
  sizes: readonly number[],
  cells: number,
  { say, profile }: RunOptions,
): Promise<Places> {
  const places: Place[] = [];
  const databases: string[] = [];
  const replicas: Replica[] = [];
  const open = async (stores: number, kinds: readonly Place["kind"][]) => {
    const database = `bench_misses_${stores}_${kinds[0] ?? ""}`;
    databases.push(database);
    await stack.createDatabase(database);
    say(`loading ${stores.toLocaleString("en")} stores: ${kinds.join(" and ")}`);
    const inCity = kinds.includes("dense") ? CITY_STORES : 0;
    if (inCity > 0) await loadDenseCity(stack, database, inCity);
    if (stores > inCity) await loadAmounts(stack, database, { stores: stores - inCity });
    const replica = await startReplica(stack, {
      database,
      port: PORT + replicas.length,
      nodeOptions: profile && stores === sizes.at(-1) ? profileOptions() : [],
    });
    replicas.push(replica);
    for (const kind of kinds) {
      const positions = await findPositions(stack, database, kind, cells);
      places.push({ kind, stores, database, replica, positions });
    }
  };
  const stop = async () => {
    for (const replica of replicas) await replica.stop();
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

/** Where some stores are, each in a cell of its own, in an order of chance: people are where stores are. */
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
