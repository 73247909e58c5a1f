import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { signToken } from "../../src/http/token.ts";
import type { Instance } from "../instance.ts";
import { startOther } from "../other-checkout.ts";
import { residentMegabytes, runCommand } from "../processes.ts";
import type { Row, RunOptions } from "../report/model.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";

const DATABASE = "bench_memory";
const PORT = 4189;
const GROWTH_MAX_MB = 10;
const ROUNDS = 40;
const QUICK_ROUNDS = 5;
const POSITIONS = 20;

/** Answers a message of the parent with the memory after a collection. */
const PROBE = `data:text/javascript,${encodeURIComponent(
  "process.on('message', () => { gc(); gc(); process.send(process.memoryUsage()); })",
)}`;

/** Units: megabytes. */
interface Memory {
  readonly resident: number;
  readonly heap: number;
  readonly outside: number;
}

/**
 * Memory of a serving instance beside that of another checkout, each with its own demo data, after the same reads and
 * scans, and after a collection.
 */
export async function compareMemory(
  stack: BenchStack,
  checkout: string,
  { say, quick }: RunOptions,
): Promise<Row[]> {
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  say(`memory of ${checkout}`);
  const before = await measure(stack, checkout, rounds);
  say("memory of this checkout");
  const now = await measure(stack, ".", rounds);
  const row = (what: string, of: (memory: Memory) => number, isLimited: boolean): Row => {
    const growth = of(now) - of(before);
    return {
      what: `${what}, beside the other checkout`,
      ours: `${of(now).toFixed(1)} MB`,
      limit: `${of(before).toFixed(1)} MB`,
      ratio: `${growth > 0 ? "+" : ""}${growth.toFixed(1)} MB`,
      target: isLimited ? `≤ +${GROWTH_MAX_MB} MB` : "",
      reached: isLimited ? growth <= GROWTH_MAX_MB : null,
    };
  };
  return [
    row("heap of a serving instance after a collection", ({ heap }) => heap, true),
    row("buffers outside of the heap", ({ outside }) => outside, false),
    row("resident memory", ({ resident }) => resident, false),
  ];
}

async function measure(stack: BenchStack, checkout: string, rounds: number): Promise<Memory> {
  const directory = resolve(checkout);
  const nodeOptions = ["--expose-gc", "--import", PROBE];
  const options = { database: DATABASE, port: PORT, nodeOptions };
  const instance = await startOther(stack, checkout, options);
  try {
    const environment = {
      DATABASE_URL: stack.databaseUrl(DATABASE),
      DATABASE_DIRECT_URL: stack.directUrl(DATABASE),
      JWT_SECRET,
    };
    await runCommand([join(directory, "src/cli/demo.ts")], environment, directory);
    const sql = stack.superuser(DATABASE);
    const stores = await sql<{ latitude: number; longitude: number }[]>`
      select latitude, longitude from stores order by id limit ${POSITIONS}`;
    const products = await sql<
      { barcode: string }[]
    >`select barcode from products order by barcode`;
    await sql.end();
    for (let round = 0; round < rounds; round += 1) {
      for (const { latitude, longitude } of stores)
        await read(instance, "store.nearby", { latitude, longitude });
      for (const name of ["certifier.list", "boycott.list"]) await read(instance, name, undefined);
      await record(
        instance,
        products.map(({ barcode }) => barcode),
      );
    }
    return await memoryOf(instance);
  } finally {
    await instance.stop();
    await stack.dropDatabase(DATABASE);
  }
}

async function read({ host, port }: Instance, name: string, input: unknown): Promise<void> {
  const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  await answerOf(await fetch(`http://${host}:${port}/trpc/${name}${query}`), name);
}

/** Scans each product once as a new user: every scan decides a verdict. */
async function record({ host, port }: Instance, barcodes: readonly string[]): Promise<void> {
  const user = { id: randomUUID(), isAdmin: false };
  const terms = { lifetimeSeconds: 3_600, issuer: null, audience: null };
  const token = await signToken(JWT_SECRET, user, terms);
  for (const barcode of barcodes) {
    const response = await fetch(`http://${host}:${port}/trpc/scans.record`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ id: randomUUID(), barcode, scannedAt: new Date().toISOString() }),
    });
    await answerOf(response, "scans.record");
  }
}

async function answerOf(response: Response, name: string): Promise<void> {
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${name}: ${body}`);
}

function memoryOf({ process: child, pid }: Instance): Promise<Memory> {
  return new Promise((resolve) => {
    child.once("message", (usage: NodeJS.MemoryUsage) => {
      resolve({
        resident: residentMegabytes(pid),
        heap: usage.heapUsed / 1e6,
        outside: usage.external / 1e6,
      });
    });
    child.send("memory");
  });
}
