import { randomUUID } from "node:crypto";
import { signToken } from "../../src/http/token.ts";
import { benchBarcode } from "../../src/seed/load-test-rows.ts";
import { type Instance, startInstance } from "../instance.ts";
import { startOther } from "../other-checkout.ts";
import type { Row, RunOptions } from "../report/model.ts";
import { median } from "../rounds.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";

const NOW = "bench_scale_now";
const BEFORE = "bench_scale_before";
const PORTS = [4193, 4194] as const;
const CALLS = 300;
const WARM_UP = 50;
const PRODUCTS = 1_000;
/** A procedure whose time did not change differs by no more between two processes. */
const NOISE = 1.1;

/** A call of a user, and whether it has to be faster than before. */
interface Subject {
  readonly procedure: string;
  readonly isQuery?: boolean;
  readonly isFaster?: boolean;
  readonly input: (n: number) => unknown;
}

const favorites = (n: number) => ({
  add: Array.from({ length: 5 }, (_, i) => ({
    kind: "product",
    barcode: benchBarcode((n * 5 + i) % PRODUCTS),
  })),
  remove: [{ kind: "product", barcode: benchBarcode((n * 5 + 7) % PRODUCTS) }],
});
const SUBJECTS: readonly Subject[] = [
  {
    procedure: "scans.record",
    isFaster: true,
    input: (n) => ({ id: randomUUID(), barcode: benchBarcode(n % PRODUCTS) }),
  },
  { procedure: "favorites.sync", isFaster: true, input: favorites },
  {
    procedure: "favorites.add",
    input: (n) => ({ kind: "product", barcode: benchBarcode(n % PRODUCTS) }),
  },
  { procedure: "favorites.list", isQuery: true, input: () => ({ limit: 20 }) },
  { procedure: "scans.history", isQuery: true, input: () => ({ limit: 20 }) },
  { procedure: "alerts.list", isQuery: true, input: () => ({ limit: 20 }) },
  { procedure: "alerts.unread", isQuery: true, input: () => undefined },
  { procedure: "alerts.markRead", input: () => ({ all: true }) },
];

async function fill(stack: BenchStack, database: string): Promise<void> {
  const sql = stack.superuser(database);
  try {
    await sql`
      insert into data_sources (id, name, licence, attribution)
      values ('bench', 'Made up for load tests', 'CC0-1.0', 'none') on conflict do nothing`;
    const products = Array.from({ length: PRODUCTS }, (_, n) => ({
      barcode: benchBarcode(n),
      name: `Product ${n}`,
    }));
    await sql`
      insert into products (barcode, name, brand, ingredients, source)
      select p.barcode, p.name, 'Brand', 'water, sugar, salt', 'bench'
      from jsonb_to_recordset(${JSON.stringify(products)}::text::jsonb) as p(barcode text, name text)`;
    await sql`
      insert into alerts (title, summary, severity, category, published_at)
      select 'Alert ' || n, 'Summary', 'info', 'many', now() - n * interval '1 hour' from generate_series(1, 100) as n`;
    await sql.unsafe("vacuum analyze");
  } finally {
    await sql.end();
  }
}

async function call(
  { host, port }: Instance,
  authorization: string,
  { procedure, isQuery = false }: Subject,
  input: unknown,
): Promise<number> {
  const url = `http://${host}:${port}/trpc/${procedure}`;
  const text = input === undefined ? undefined : JSON.stringify(input);
  const headers = { "content-type": "application/json", authorization };
  const beganAt = performance.now();
  const response = isQuery
    ? await fetch(text === undefined ? url : `${url}?input=${encodeURIComponent(text)}`, {
        headers,
      })
    : await fetch(url, { method: "POST", headers, body: text ?? "" });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${procedure}: ${body}`);
  return performance.now() - beganAt;
}

/** Times of users' procedures beside those of another checkout, call by call in turn. */
export async function compareWith(
  stack: BenchStack,
  checkout: string,
  { say }: RunOptions,
): Promise<Row[]> {
  await stack.createDatabase(NOW);
  const instances: Instance[] = [];
  try {
    instances.push(await startInstance(stack, { database: NOW, port: PORTS[0] }));
    instances.push(await startOther(stack, checkout, { database: BEFORE, port: PORTS[1] }));
    await Promise.all([fill(stack, NOW), fill(stack, BEFORE)]);
    const token = await signToken(
      JWT_SECRET,
      { id: randomUUID(), isAdmin: false },
      { lifetimeSeconds: 3_600, issuer: null, audience: null },
    );
    const rows: Row[] = [];
    for (const subject of SUBJECTS) {
      const times: [number[], number[]] = [[], []];
      for (let n = 0; n < CALLS + WARM_UP; n += 1) {
        const input = subject.input(n);
        // The second instance finds the caches of the machine as the first has left them.
        const order = n % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
        for (const which of order) {
          const instance = instances[which];
          if (instance === undefined) throw new Error("two instances expected");
          const ms = await call(instance, `Bearer ${token}`, subject, input);
          if (n >= WARM_UP) times[which].push(ms);
        }
      }
      const [now, before] = [median(times[0]), median(times[1])];
      const target = subject.isFaster === true ? 1 : NOISE;
      rows.push({
        what: `${subject.procedure}, p50 / another checkout`,
        ours: `${now.toFixed(2)} ms`,
        limit: `${before.toFixed(2)} ms`,
        ratio: `${(now / before).toFixed(2)} ×`,
        target: subject.isFaster === true ? "< 1 ×" : `≤ ${NOISE} ×`,
        reached: subject.isFaster === true ? now < before : now <= before * target,
      });
      say(`${subject.procedure}: ${now.toFixed(2)} ms, before ${before.toFixed(2)} ms`);
    }
    return rows;
  } finally {
    for (const instance of instances) await instance.stop();
    await stack.dropDatabase(NOW);
    await stack.dropDatabase(BEFORE);
  }
}
