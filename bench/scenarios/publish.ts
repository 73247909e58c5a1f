import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { signToken } from "../../src/http/token.ts";
import { ALL_CPUS, runCommand } from "../processes.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { type Replica, startReplica } from "../replica.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";

const NOW = "bench_publish";
const BEFORE = "bench_publish_before";
const PORTS = [4187, 4188] as const;
const CALLS = 300;
const WARM_UP = 50;
const SLOWER_MAX_MS = 3;

/**
 * Time of `alerts.publish` beside that of another checkout on a database of its own, such as the commit before push
 * notifications; call by call in turn.
 */
export async function runPublish(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const [checkout] = options.files;
  if (checkout === undefined)
    throw new Error("name another checkout: npm run bench -- publish DIRECTORY");
  const before = resolve(checkout);
  await stack.pin(ALL_CPUS);
  await stack.createDatabase(NOW);
  const maintenance = stack.superuser("postgres");
  await maintenance.unsafe(`create database ${BEFORE} owner halal_owner`);
  await maintenance.end();
  const extensions = stack.superuser(BEFORE);
  await extensions.unsafe("create extension postgis; create extension pg_stat_statements");
  await extensions.end();
  const replicas: Replica[] = [];
  try {
    options.say(`migrating for ${before}`);
    const urls = {
      DATABASE_URL: stack.databaseUrl(BEFORE),
      DATABASE_DIRECT_URL: stack.directUrl(BEFORE),
    };
    await runCommand([join(before, "src/cli/migrate.ts")], { ...urls, JWT_SECRET }, before);
    replicas.push(await startReplica(stack, { database: NOW, port: PORTS[0] }));
    const entry = join(before, "src/main.ts");
    replicas.push(await startReplica(stack, { database: BEFORE, port: PORTS[1], entry }));
    options.say("publishing in turn");
    const token = await signToken(
      JWT_SECRET,
      { id: randomUUID(), isAdmin: true },
      { lifetimeSeconds: 3_600, issuer: null, audience: null },
    );
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < CALLS + WARM_UP; i += 1)
      for (const [n, replica] of replicas.entries()) {
        const ms = await publish(replica, token);
        if (i >= WARM_UP) times[n]?.push(ms);
      }
    return report(times);
  } finally {
    for (const replica of replicas) await replica.stop();
    await stack.dropDatabase(NOW);
    await stack.dropDatabase(BEFORE);
  }
}

/** Publishes a critical alert; gives how long that took. Units: milliseconds. Errors: when it is refused. */
async function publish({ host, port }: Replica, token: string): Promise<number> {
  const beganAt = performance.now();
  const response = await fetch(`http://${host}:${port}/trpc/alerts.publish`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ title: "T", summary: "S", severity: "critical", category: "food" }),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(body);
  return performance.now() - beganAt;
}

function report([now, before]: readonly [number[], number[]]): ScenarioResult {
  const middle = (times: readonly number[]) =>
    times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
  const slower = middle(now) - middle(before);
  return {
    name: "publish",
    title: "Publishing an alert",
    rows: [
      {
        what: "alerts.publish of a critical alert, median",
        ours: `${middle(now).toFixed(2)} ms`,
        limit: `${middle(before).toFixed(2)} ms`,
        ratio: `${slower >= 0 ? "+" : ""}${slower.toFixed(2)} ms`,
        target: `≤ +${SLOWER_MAX_MS} ms`,
        reached: slower <= SLOWER_MAX_MS,
      },
    ],
    plots: [],
    notes: [
      `Over HTTP and through PgBouncer, ${CALLS} calls each, in turn with another checkout's (the limit here).`,
    ],
    figures: { now, before },
  };
}
