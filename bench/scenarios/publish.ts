import { randomUUID } from "node:crypto";
import { signToken } from "../../src/http/token.ts";
import { startOther } from "../other-checkout.ts";
import { ALL_CPUS } from "../processes.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { type Instance, startInstance } from "../instance.ts";
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
  await stack.pin(ALL_CPUS);
  await stack.createDatabase(NOW);
  const instances: Instance[] = [];
  try {
    options.say(`migrating for ${checkout}`);
    instances.push(await startInstance(stack, { database: NOW, port: PORTS[0] }));
    instances.push(await startOther(stack, checkout, { database: BEFORE, port: PORTS[1] }));
    options.say("publishing in turn");
    const token = await signToken(
      JWT_SECRET,
      { id: randomUUID(), isAdmin: true },
      { lifetimeSeconds: 3_600, issuer: null, audience: null },
    );
    const [now, other] = instances;
    if (now === undefined || other === undefined) throw new Error("two instances expected");
    const times: Times = { now: [], unplanned: [], before: [] };
    for (let i = 0; i < CALLS + WARM_UP; i += 1) {
      const one = {
        now: await publish(now, token, "critical"),
        unplanned: await publish(now, token, "info"),
        before: await publish(other, token, "critical"),
      };
      if (i < WARM_UP) continue;
      for (const name of ["now", "unplanned", "before"] as const) times[name].push(one[name]);
    }
    return report(times);
  } finally {
    for (const instance of instances) await instance.stop();
    await stack.dropDatabase(NOW);
    await stack.dropDatabase(BEFORE);
  }
}

/** Units: milliseconds. `unplanned`: of an alert that plans no notification. */
interface Times {
  readonly now: number[];
  readonly unplanned: number[];
  readonly before: number[];
}

/** Publishes an alert; gives how long that took. Units: milliseconds. Errors: when it is refused. */
async function publish(
  { host, port }: Instance,
  token: string,
  severity: "critical" | "info",
): Promise<number> {
  const beganAt = performance.now();
  const response = await fetch(`http://${host}:${port}/trpc/alerts.publish`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ title: "T", summary: "S", severity, category: "food" }),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(body);
  return performance.now() - beganAt;
}

function report(times: Times): ScenarioResult {
  const middle = (of: readonly number[]) => of.toSorted((a, b) => a - b)[of.length >> 1] ?? 0;
  const [now, unplanned, before] = [times.now, times.unplanned, times.before].map(middle) as [
    number,
    number,
    number,
  ];
  const row = (what: string, ours: number, beside: number) => ({
    what,
    ours: `${ours.toFixed(2)} ms`,
    limit: `${beside.toFixed(2)} ms`,
    ratio: `${ours >= beside ? "+" : ""}${(ours - beside).toFixed(2)} ms`,
    target: `≤ +${SLOWER_MAX_MS} ms`,
    reached: ours - beside <= SLOWER_MAX_MS,
  });
  return {
    name: "publish",
    title: "Publishing an alert",
    rows: [
      row("a critical alert, beside the other checkout", now, before),
      row("a critical alert, beside one that plans no notification", now, unplanned),
    ],
    plots: [],
    notes: [
      `Medians of ${CALLS} calls each of alerts.publish, in turn, over HTTP and through PgBouncer.`,
    ],
    figures: times,
  };
}
