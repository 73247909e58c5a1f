import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gtinCheckDigit } from "../../src/food/barcode.ts";
import { ALL_CPUS, runCommand } from "../processes.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { median } from "../rounds.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";

const DATABASE = "bench_import";
const PRODUCTS = 60_000;
const QUICK_PRODUCTS = 10_000;
/** Beside a checkout. */
const SAMPLE = "../shared/data/off_products_sample.jsonl";
const RATIO_MIN = 0.8;

/**
 * Products a second of `npm run import -- products` beside those of another checkout, each on a fresh database, in turn.
 * The products are those of the sample under new barcodes, each with a list that no other has.
 */
export async function runImport(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const [checkout, sample = SAMPLE] = options.files;
  if (checkout === undefined)
    throw new Error("name another checkout: npm run bench -- import DIRECTORY [SAMPLE]");
  const count = options.quick ? QUICK_PRODUCTS : PRODUCTS;
  await stack.pin(ALL_CPUS);
  const directory = mkdtempSync(join(tmpdir(), "import-"));
  const rates = { now: [] as number[], before: [] as number[] };
  try {
    const file = join(directory, "products.jsonl");
    writeFileSync(file, manyProducts(readFileSync(sample, "utf8"), count));
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      rates.before.push(count / (await importSeconds(stack, resolve(checkout), file, directory)));
      rates.now.push(count / (await importSeconds(stack, resolve("."), file, directory)));
    }
    return report(rates, count);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function manyProducts(sample: string, count: number): string {
  const records = sample.split("\n").filter((line) => line.trim() !== "");
  return Array.from({ length: count }, (_, index) => {
    const record = JSON.parse(records[index % records.length] ?? "{}") as Record<string, unknown>;
    const payload = `030${String(index).padStart(9, "0")}`;
    record["code"] = `${payload}${gtinCheckDigit(payload)}`;
    const list = record["ingredients_text"];
    if (typeof list === "string" && list !== "")
      record["ingredients_text"] = `${list}, spice ${index}`;
    return `${JSON.stringify(record)}\n`;
  }).join("");
}

/** The time of the whole command. Units: seconds. */
async function importSeconds(
  stack: BenchStack,
  checkout: string,
  file: string,
  directory: string,
): Promise<number> {
  const maintenance = stack.superuser("postgres");
  await maintenance.unsafe(`create database ${DATABASE} owner halal_owner`);
  await maintenance.end();
  try {
    const extensions = stack.superuser(DATABASE);
    await extensions.unsafe("create extension postgis; create extension pg_stat_statements");
    const environment = {
      DATABASE_URL: stack.databaseUrl(DATABASE),
      DATABASE_DIRECT_URL: stack.directUrl(DATABASE),
      JWT_SECRET,
    };
    await runCommand([join(checkout, "src/cli/migrate.ts")], environment, checkout);
    await extensions.unsafe("checkpoint");
    await extensions.end();
    const command = ["--max-semi-space-size=8", join(checkout, "src/cli/import.ts")];
    const beganAt = performance.now();
    await runCommand([...command, "products", file], environment, directory);
    return (performance.now() - beganAt) / 1_000;
  } finally {
    await stack.dropDatabase(DATABASE);
  }
}

function report(
  rates: { readonly now: readonly number[]; readonly before: readonly number[] },
  count: number,
): ScenarioResult {
  const ratio = median(rates.now.map((rate, round) => rate / (rates.before[round] ?? rate)));
  const perSecond = (rate: number) => `${Math.round(rate).toLocaleString("en")}/s`;
  return {
    name: "import",
    title: "Importing products",
    rows: [
      {
        what: `${count.toLocaleString("en")} products, beside the other checkout`,
        ours: perSecond(median(rates.now)),
        limit: perSecond(median(rates.before)),
        ratio: `${ratio.toFixed(2)} ×`,
        target: `≥ ${RATIO_MIN.toFixed(2)} ×`,
        reached: ratio >= RATIO_MIN,
      },
    ],
    plots: [],
    notes: [
      `Medians of ${rates.now.length} runs of the whole command each, in turn, on fresh databases; the importer and the database share ${availableParallelism()} cores.`,
    ],
    figures: rates,
  };
}
