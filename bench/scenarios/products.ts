import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { repairBarcode } from "../../src/food/barcode.ts";
import { loadAmounts } from "../data.ts";
import { ALL_CPUS, runCommand } from "../processes.ts";
import type { Row, RunOptions, ScenarioResult } from "../report/model.ts";
import { type Instance, startInstance } from "../instance.ts";
import { median } from "../rounds.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";
import { callPath } from "./hot-calls.ts";

const DATABASE = "bench_products";
const PORT = 4185;
/** Products as Open Food Facts has them, beside a checkout. */
const SAMPLES = [
  "../shared/data/off_products_sample.jsonl",
  "../../shared/data/off_products_sample.jsonl",
];
const ENOUGH_ALTERNATIVES = 3;
const SEARCH_TARGET_MS = 50;
const SEARCHES = 60;
const AMOUNT = 1_000_000;
const AMOUNT_QUICK = 100_000;

interface Sample {
  readonly gtin14: string;
  readonly name: string;
}

interface Answers {
  readonly found: number;
  readonly named: number;
  readonly searched: number;
  readonly withAlternatives: number;
}

/**
 * Real products through the import's own command: how many answer by barcode, are found by their names and have
 * alternatives; and how long a search takes among many.
 */
export async function runProducts(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const file = options.files[0] ?? SAMPLES.find((path) => existsSync(path));
  if (file === undefined) throw new Error("name a file: npm run bench -- products FILE");
  const amount = options.quick ? AMOUNT_QUICK : AMOUNT;
  await stack.pin(ALL_CPUS);
  await stack.createDatabase(DATABASE);
  const directory = mkdtempSync(join(tmpdir(), "products-"));
  let instance: Instance | undefined;
  try {
    const environment = { DATABASE_URL: stack.directUrl(DATABASE), JWT_SECRET };
    const parameters = [resolve("src/cli/import.ts"), "products", resolve(file)];
    options.say((await runCommand(parameters, environment, directory)).trim());
    instance = await startInstance(stack, { database: DATABASE, port: PORT });
    const samples = readSamples(file);
    const answers = await askAll(instance, samples);
    options.say(`adding ${amount.toLocaleString("en")} products`);
    await loadAmounts(stack, DATABASE, { products: amount });
    const searches = await timeSearches(instance, await queriesOf(stack));
    return report(samples.length, answers, amount, searches);
  } finally {
    await instance?.stop();
    rmSync(directory, { recursive: true, force: true });
    await stack.dropDatabase(DATABASE);
  }
}

function readSamples(file: string): Sample[] {
  const byBarcode = new Map<string, Sample>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "") continue;
    const { code, product_name: name = "" } = JSON.parse(line) as {
      code: string;
      product_name?: string;
    };
    const reading = repairBarcode(code);
    if (!reading.ok) continue;
    const { gtin14 } = reading.barcode;
    byBarcode.set(gtin14, { gtin14, name: name.trim() });
  }
  return [...byBarcode.values()];
}

/** Errors: for any answer but 200. */
async function ask<T>({ host, port }: Instance, procedure: string, input: unknown): Promise<T> {
  const response = await fetch(`http://${host}:${port}${callPath({ procedure, input })}`);
  const { result } = (await response.json()) as { result?: { data: T } };
  if (result === undefined)
    throw new Error(`${procedure} ${JSON.stringify(input)}: ${response.status}`);
  return result.data;
}

async function askAll(instance: Instance, samples: readonly Sample[]): Promise<Answers> {
  const counts = { found: 0, named: 0, searched: 0, withAlternatives: 0 };
  type Items = { items: { barcode: string }[] };
  for (const { gtin14, name } of samples) {
    const input = { barcode: gtin14 };
    const { product } = await ask<{ product: unknown }>(instance, "product.byBarcode", input);
    if (product !== null) counts.found += 1;
    const alternatives = await ask<Items>(instance, "product.alternatives", input);
    if (alternatives.items.length >= ENOUGH_ALTERNATIVES) counts.withAlternatives += 1;
    // A query has at most 100 characters.
    if (name === "" || name.length > 100) continue;
    counts.named += 1;
    const found = await ask<Items>(instance, "product.search", { query: name, limit: 100 });
    if (found.items.some(({ barcode }) => barcode === gtin14)) counts.searched += 1;
  }
  return counts;
}

/** Names and brands as they are, with a typo in their middle, and as far as they were typed. */
async function queriesOf(stack: BenchStack): Promise<Readonly<Record<string, string[]>>> {
  const sql = stack.superuser(DATABASE);
  try {
    const rows = await sql<{ name: string }[]>`
      select left(name, 60) as name from products where length(name) > 8 order by md5(id::text) limit ${SEARCHES}`;
    const names = rows.map(({ name }) => name);
    const swapped = (text: string) => text.replace(/(\p{L}{2})(\p{L})(\p{L})/u, "$1$3$2");
    return {
      "a name": names,
      "a name with a typo": names.map(swapped),
      "one word": names.map((name) => name.split(" ")[0] ?? name),
      "the beginning of a word": names.map((name) => name.slice(0, 4)),
    };
  } finally {
    await sql.end();
  }
}

async function timeSearches(
  instance: Instance,
  queries: Readonly<Record<string, string[]>>,
): Promise<Readonly<Record<string, number[]>>> {
  const times: Record<string, number[]> = {};
  for (const [kind, texts] of Object.entries(queries)) {
    times[kind] = [];
    for (const query of texts) {
      // Once to bring the pages into memory, once to be measured.
      await ask(instance, "product.search", { query });
      const beganAt = performance.now();
      await ask(instance, "product.search", { query });
      times[kind].push(performance.now() - beganAt);
    }
  }
  return times;
}

function report(
  count: number,
  answers: Answers,
  amount: number,
  searches: Readonly<Record<string, number[]>>,
): ScenarioResult {
  const share = (what: string, part: number, whole: number): Row => ({
    what,
    ours: part.toLocaleString("en"),
    limit: `${whole.toLocaleString("en")} products`,
    ratio: `${((100 * part) / whole).toFixed(1)} %`,
    target: "",
    reached: null,
  });
  return {
    name: "products",
    title: "Products",
    rows: [
      share("answer by barcode", answers.found, count),
      share("are found by their name", answers.searched, answers.named),
      share(
        `have at least ${ENOUGH_ALTERNATIVES} halal alternatives among them`,
        answers.withAlternatives,
        count,
      ),
      ...Object.entries(searches).map(([kind, times]): Row => {
        const ms = median(times);
        return {
          what: `product.search by ${kind}`,
          ours: `${ms.toFixed(1)} ms, at most ${Math.max(...times).toFixed(0)} ms`,
          limit: `${amount.toLocaleString("en")} products`,
          ratio: "",
          target: `median ≤ ${SEARCH_TARGET_MS} ms`,
          reached: ms <= SEARCH_TARGET_MS,
        };
      }),
    ],
    plots: [],
    notes: [
      "Over HTTP, one call at a time, with the pages in memory; the machine's other work is in the times.",
    ],
    figures: { count, answers, amount, searches },
  };
}
