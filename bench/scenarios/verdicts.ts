import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { HalalStatus } from "../../src/db/tables/vocabulary.ts";
import type { Lexicon } from "../../src/food/ingredients/lexicon.ts";
import { repairBarcode } from "../../src/food/barcode.ts";
import { loadAnalysisTools } from "../../src/verdict/lexicon-query.ts";
import { signToken } from "../../src/http/token.ts";
import { ALL_CPUS, runCommand } from "../processes.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { type Instance, startInstance } from "../instance.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";
import { labelError } from "./label-errors.ts";
import { type Answered, type Labelled, reportVerdicts, writeMatrix } from "./verdict-report.ts";
import { measureReading } from "./verdict-speed.ts";

const DATABASE = "bench_verdicts";
const PORT = 4184;
const BATCH = 100;
/** Beside the folder of the labelled files. */
const TAXONOMY = "off_ingredients_taxonomy_2023.json.gz";
/** Where the labelled files lie beside a checkout. */
const DEFAULT_DIRECTORY = "../shared/data/verdicts";

/** Labelled products through the real import and `scans.recordMany`: what is answered, by set. */
export async function runVerdicts(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const files = options.files.length > 0 ? options.files : defaultFiles();
  const labelled = files.flatMap(readLabelled);
  await stack.pin(ALL_CPUS);
  await stack.createDatabase(DATABASE);
  const directory = mkdtempSync(join(tmpdir(), "verdicts-"));
  let instance: Instance | undefined;
  try {
    options.say(`importing ${labelled.length} labelled products`);
    // The command runs in its own folder, because it writes its rejects to the working directory.
    const environment = { DATABASE_URL: stack.directUrl(DATABASE), JWT_SECRET };
    const command = resolve("src/cli/import.ts");
    const sources = files.map((file) => resolve(file));
    const parameters = [command, "products", ...sources];
    options.say((await runCommand(parameters, environment, directory)).trim());
    instance = await startInstance(stack, { database: DATABASE, port: PORT });
    const answered = await scanAll(instance, labelled);
    if (options.files.length === 0 && !options.quick) writeMatrix(answered);
    const cost = measureReading(labelled, await loadLexicon(stack));
    const taxonomy = join(dirname(sources[0] ?? ""), "..", TAXONOMY);
    let withTaxonomy: readonly Answered[] | null = null;
    if (existsSync(taxonomy)) {
      options.say("importing the taxonomy of ingredients, and reading the products again");
      await runCommand([command, "ingredients", taxonomy], environment, directory);
      await runCommand([resolve("src/cli/products-analyse.ts")], environment, directory);
      withTaxonomy = await scanAll(instance, labelled);
    }
    return reportVerdicts(answered, withTaxonomy, cost);
  } finally {
    await instance?.stop();
    rmSync(directory, { recursive: true, force: true });
    await stack.dropDatabase(DATABASE);
  }
}

async function loadLexicon(stack: BenchStack): Promise<Lexicon> {
  const sql = stack.superuser(DATABASE);
  try {
    return (await loadAnalysisTools(sql)).lexicon;
  } finally {
    await sql.end();
  }
}

function defaultFiles(): string[] {
  for (const directory of [DEFAULT_DIRECTORY, "../../shared/data/verdicts"]) {
    if (!existsSync(directory)) continue;
    return readdirSync(directory)
      .filter((name) => name.endsWith(".jsonl"))
      .sort()
      .map((name) => join(directory, name));
  }
  throw new Error("name labelled files: npm run bench -- verdicts FILE…");
}

function readLabelled(file: string): Labelled[] {
  const set = basename(file).replace(/\.jsonl$/, "");
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const value = JSON.parse(line) as {
        code: string;
        product_name?: string;
        ingredients_text?: string;
        lang?: string;
        expected: HalalStatus;
        accept?: HalalStatus[];
        why?: string;
        trap?: string;
      };
      const accept = value.accept ?? [value.expected];
      const error = labelError(value.code, accept);
      return {
        set,
        code: value.code,
        name: value.product_name ?? "",
        list: value.ingredients_text ?? "",
        expected: value.expected,
        language: value.lang ?? "",
        accept: error?.accept ?? accept,
        mended: error?.reason ?? null,
        why: value.trap ?? value.why ?? "",
      };
    });
}

/** Scans each line, as a phone that was offline does. Errors: when a scan is rejected. */
async function scanAll(
  { host, port }: Instance,
  labelled: readonly Labelled[],
): Promise<Answered[]> {
  const token = await signToken(
    JWT_SECRET,
    { id: randomUUID(), isAdmin: false },
    { lifetimeSeconds: 3_600, issuer: null, audience: null },
  );
  const answered: Answered[] = [];
  for (let from = 0; from < labelled.length; from += BATCH) {
    const batch = labelled.slice(from, from + BATCH);
    const scans = batch.map(({ code }) => {
      const reading = repairBarcode(code);
      return { id: randomUUID(), barcode: reading.ok ? reading.barcode.gtin14 : code };
    });
    const response = await fetch(`http://${host}:${port}/trpc/scans.recordMany`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ scans }),
    });
    const { result } = (await response.json()) as {
      result?: {
        data: {
          outcomes: {
            ok: boolean;
            message?: string;
            verdict?: { halalStatus: HalalStatus; reasons: { code: string; message: string }[] };
          }[];
        };
      };
    };
    for (const [index, line] of batch.entries()) {
      const outcome = result?.data.outcomes[index];
      if (outcome?.verdict === undefined) {
        throw new Error(`${line.code} was refused: ${outcome?.message ?? response.status}`);
      }
      const { halalStatus, reasons } = outcome.verdict;
      const [first] = reasons;
      const told = first === undefined ? [] : [`${first.code}: ${first.message}`];
      answered.push({ ...line, answer: halalStatus, reasons: told });
    }
  }
  return answered;
}
