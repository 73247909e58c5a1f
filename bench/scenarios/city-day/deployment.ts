import type postgres from "postgres";
import { loadAmounts, loadDemo } from "../../data.ts";
import { type Nginx, startNginx } from "../../limits/nginx.ts";
import { ALL_CPUS } from "../../processes.ts";
import { profileOptions } from "../../profile.ts";
import { type Instance, startInstance } from "../../instance.ts";
import type { RunOptions } from "../../report/model.ts";
import type { BenchStack } from "../../stack.ts";
import { type Meter, startMeter } from "./meter.ts";
import type { World } from "./phones.ts";
import { readWorld } from "./world.ts";

const DATABASE = "bench_city";
export const NGINX_PORT = 4170;
const INSTANCE_PORTS = [4171, 4172, 4173] as const;
const AMOUNTS = { stores: 100_000, products: 100_000, users: 50_000 };
const QUICK_AMOUNTS = { stores: 30_000, products: 20_000, users: 10_000 };

/** The deployment that serves the city, on this machine. */
export interface City {
  readonly instances: readonly Instance[];
  readonly nginx: Nginx;
  readonly meter: Meter;
  readonly world: World;
  /** The number of rows of each kind. */
  readonly amounts: typeof AMOUNTS;
  stop(): Promise<void>;
}

/** Loads the data and starts three instances behind nginx, with the limits and the log of production. */
export async function startCity(
  stack: BenchStack,
  { say, quick, profile }: RunOptions,
  more: Readonly<Record<string, string>> = {},
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
    say("starting three instances and nginx");
    const instances: Instance[] = [];
    for (const port of INSTANCE_PORTS) {
      const instance = await startInstance(stack, {
        database: DATABASE,
        port,
        cpus: ALL_CPUS,
        nodeOptions: profile && instances.length === 0 ? profileOptions() : [],
        // The edge writes the phone's address as the last but one entry.
        environment: { RATE_LIMIT_PER_MINUTE: "100", TRUSTED_PROXY_HOPS: "2", ...more },
      });
      instances.push(instance);
      undo.push(() => instance.stop());
    }
    const nginx = await startNginx(NGINX_PORT, INSTANCE_PORTS);
    undo.push(() => nginx.stop());
    const meter = await startMeter(stack, sql, instances, nginx.container.id);
    undo.push(() => meter.stop());
    return { instances, nginx, meter, world, amounts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
