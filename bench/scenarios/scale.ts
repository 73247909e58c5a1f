import { randomUUID } from "node:crypto";
import { signToken } from "../../src/http/token.ts";
import { benchBarcode } from "../../src/seed/load-test-rows.ts";
import { type Instance, startInstance } from "../instance.ts";
import { LatencyHistogram } from "../load/histogram.ts";
import { startGenerator } from "../load/generator.ts";
import type { RequestSpec } from "../load/job.ts";
import { ALL_CPUS } from "../processes.ts";
import type { Row, RunOptions, ScenarioResult } from "../report/model.ts";
import { loadScaleScans, scaleUser } from "../scale-data.ts";
import { loadScans } from "../scan-data.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";
import { changeUnderWrites } from "./scale-change.ts";
import { compareWith } from "./scale-compare.ts";
import { callPath } from "./hot-calls.ts";

const DATABASE = "bench_scale";
const PORT = 4189;
const AMOUNTS = {
  users: 2_000_000,
  scansEach: 50,
  products: 100_000,
  changed: 10_000_000,
  calls: 5_000,
};
const QUICK_AMOUNTS = {
  users: 100_000,
  scansEach: 50,
  products: 20_000,
  changed: 300_000,
  calls: 5_000,
};
const HISTORY_P95_MS = 5;
const RECORD_P95_MS = 10;
const ERASED = 100;
const TURN_SECONDS_MAX = 120;

/**
 * Scans of millions of users in partitions: a page of a history, a new scan, an erasure; the change of a plain table to
 * partitions; and users' procedures beside those of another checkout, when one is named.
 */
export async function runScale(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const amounts = options.quick ? QUICK_AMOUNTS : AMOUNTS;
  const [checkout] = options.files;
  await stack.pin(ALL_CPUS);
  const rows: Row[] = [];
  const isWanted = (part: string) => part.includes(options.only);
  if (checkout !== undefined && isWanted("compare"))
    rows.push(...(await compareWith(stack, checkout, options)));
  if (isWanted("change")) rows.push(...(await changeUnderWrites(stack, amounts.changed, options)));
  if (isWanted("calls")) rows.push(...(await measureCalls(stack, amounts, options)));
  return {
    name: "scale",
    title: `Scans of ${amounts.users.toLocaleString("en")} users`,
    rows,
    plots: [],
    notes: [
      `${(amounts.users * amounts.scansEach).toLocaleString("en")} scans in 64 hash partitions, ${amounts.products.toLocaleString("en")} products, one connection, users in no order.`,
    ],
    figures: rows,
  };
}

async function measureCalls(
  stack: BenchStack,
  { users, scansEach, products, calls }: typeof AMOUNTS,
  { say }: RunOptions,
): Promise<Row[]> {
  await stack.createDatabase(DATABASE);
  const sql = stack.superuser(DATABASE);
  const generator = startGenerator();
  let instance: Instance | undefined;
  try {
    say(`loading ${(users * scansEach).toLocaleString("en")} scans`);
    await loadScans(stack, DATABASE, { products, scans: 0 });
    const beganAt = performance.now();
    await loadScaleScans(stack, DATABASE, { users, scansEach, products });
    const loadSeconds = (performance.now() - beganAt) / 1_000;
    const [size] = await sql<{ bytes: number }[]>`
      select sum(pg_total_relation_size(inhrelid))::float8 as bytes from pg_inherits
      where inhparent = 'scans'::regclass`;
    const started = (instance = await startInstance(stack, { database: DATABASE, port: PORT }));
    const strides = Math.max(1, Math.floor(users / calls));
    const callers = await Promise.all(
      Array.from({ length: calls }, async (_, n) => {
        const id = scaleUser((n * strides * 7_919) % users);
        const token = await signToken(
          JWT_SECRET,
          { id, isAdmin: false },
          { lifetimeSeconds: 24 * 3_600, issuer: null, audience: null },
        );
        return { authorization: `Bearer ${token}` };
      }),
    );
    const requests: Readonly<Record<string, (n: number) => RequestSpec>> = {
      "scans.history": (n) => ({
        path: callPath({ procedure: "scans.history", input: {} }),
        headers: callers[n] ?? {},
      }),
      "scans.record": (n) => ({
        path: "/trpc/scans.record",
        body: JSON.stringify({ id: randomUUID(), barcode: benchBarcode((n * 13) % products) }),
        headers: callers[n] ?? {},
      }),
      "account.erase": (n) => ({
        path: "/trpc/account.erase",
        body: "",
        headers: callers[n] ?? {},
      }),
    };
    const measure = async (procedure: string, from: number, count: number) => {
      const { host, port } = started;
      const make = requests[procedure];
      if (make === undefined) throw new Error("no such request");
      const specs = Array.from({ length: count }, (_, n) => make(from + n));
      const job = {
        host,
        port,
        connections: 1,
        requests: specs,
        seconds: TURN_SECONDS_MAX,
        once: true,
      };
      const result = await generator.run(job);
      if (result.errors > 0) throw new Error(`${procedure}: ${result.errors} errors`);
      return new LatencyHistogram(result.latencies);
    };
    const warm = Math.floor(calls / 5);
    for (const procedure of ["scans.history", "scans.record"]) await measure(procedure, 0, warm);
    const history = await measure("scans.history", warm, calls - warm);
    const recorded = await measure("scans.record", warm, calls - warm);
    const erased = await measure("account.erase", 0, ERASED);
    const [plan] = await sql<{ "QUERY PLAN": unknown }[]>`
      explain (format json) delete from scans where user_id = ${scaleUser(1)}::uuid`;
    const touched = new Set(JSON.stringify(plan).match(/scans_p\d\d(?=")/g)).size;
    const row = (what: string, latencies: LatencyHistogram, maximum: number | null): Row => ({
      what: `${what}, p95`,
      ours: `${latencies.quantile(0.95).toFixed(2)} ms (p50 ${latencies.quantile(0.5).toFixed(2)} ms)`,
      limit: "",
      ratio: "",
      target: maximum === null ? "" : `≤ ${maximum} ms`,
      reached: maximum === null ? null : latencies.quantile(0.95) <= maximum,
    });
    return [
      {
        what: `loading by COPY and making the indexes`,
        ours: `${Math.round((users * scansEach) / loadSeconds).toLocaleString("en")} rows/s, ${Math.round((size?.bytes ?? 0) / (users * scansEach))} bytes a row`,
        limit: "",
        ratio: "",
        target: "",
        reached: null,
      },
      row("scans.history", history, HISTORY_P95_MS),
      row("scans.record", recorded, RECORD_P95_MS),
      row("account.erase", erased, null),
      {
        what: "partitions that erasing a person touches, by the plan",
        ours: String(touched),
        limit: "",
        ratio: "",
        target: "1",
        reached: touched === 1,
      },
    ];
  } finally {
    await generator.stop();
    await instance?.stop();
    await sql.end();
    await stack.dropDatabase(DATABASE);
  }
}
