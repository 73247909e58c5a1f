import type postgres from "postgres";
import { loadAmounts, loadDemo } from "../../data.ts";
import { type Nginx, startNginx } from "../../limits/nginx.ts";
import { ALL_CPUS } from "../../processes.ts";
import { profileOptions } from "../../profile.ts";
import { type Replica, startReplica } from "../../replica.ts";
import type { RunOptions } from "../../report/model.ts";
import type { BenchStack } from "../../stack.ts";
import { type Meter, startMeter } from "./meter.ts";
import type { World } from "./phones.ts";
import { readWorld } from "./world.ts";

const DATABASE = "bench_city";
const NGINX_PORT = 4170;
const REPLICA_PORTS = [4171, 4172, 4173] as const;
const AMOUNTS = { stores: 100_000, products: 100_000, users: 50_000 };
const QUICK_AMOUNTS = { stores: 30_000, products: 20_000, users: 10_000 };

/** Everything that serves the city, on this one machine. */
export interface City {
  readonly replicas: readonly Replica[];
  readonly nginx: Nginx;
  readonly meter: Meter;
  readonly world: World;
  /** How many rows of each kind there are. */
  readonly amounts: typeof AMOUNTS;
  stop(): Promise<void>;
}

/** Loads the data and starts three replicas behind nginx, limited and logging as shipped. */
export async function startCity(
  stack: BenchStack,
  { say, quick, profile }: RunOptions,
): Promise<City> {
  const amounts = quick ? QUICK_AMOUNTS : AMOUNTS;
  await stack.createDatabase(DATABASE);
  const undo: (() => Promise<void>)[] = [() => stack.dropDatabase(DATABASE)];
  const stop = async () => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    say("loading data");
    await loadDemo(stack, DATABASE);
    await loadAmounts(stack, DATABASE, amounts);
    await stack.pin(ALL_CPUS);
    const sql: postgres.Sql = stack.superuser(DATABASE);
    undo.push(() => sql.end());
    const world = await readWorld(sql, amounts.users);
    say("starting three replicas and nginx");
    const replicas: Replica[] = [];
    for (const port of REPLICA_PORTS) {
      const replica = await startReplica(stack, {
        database: DATABASE,
        port,
        cpus: ALL_CPUS,
        nodeOptions: profile && replicas.length === 0 ? profileOptions() : [],
        // The edge's entry about the phone's address is the last but one.
        environment: { RATE_LIMIT_PER_MINUTE: "100", TRUSTED_PROXY_HOPS: "2" },
      });
      replicas.push(replica);
      undo.push(() => replica.stop());
    }
    const nginx = await startNginx(NGINX_PORT, REPLICA_PORTS);
    undo.push(() => nginx.stop());
    const meter = await startMeter(stack, sql, replicas, nginx.container.id);
    undo.push(() => meter.stop());
    return { replicas, nginx, meter, world, amounts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
