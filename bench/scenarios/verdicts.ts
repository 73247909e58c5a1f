import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { HALAL_STATUSES, type HalalStatus } from "../../src/db/tables/vocabulary.ts";
import { repairBarcode } from "../../src/food/barcode.ts";
import { signToken } from "../../src/http/token.ts";
import { ALL_CPUS, runCommand } from "../processes.ts";
import { replaceSection } from "../report/markdown.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { type Instance, startInstance } from "../instance.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";
import { judgeSet, SET_TARGETS, type SetCounts } from "./verdict-sets.ts";

const DATABASE = "bench_verdicts";
const PORT = 4184;
const BATCH = 100;
const DOCUMENT = "docs/verdicts.md";
/** The folder of the labelled files, beside the checkout. */
const DEFAULT_DIRECTORY = "../shared/data/verdicts";

/** One line of a labelled file. */
interface Labelled {
  readonly set: string;
  readonly code: string;
  readonly name: string;
  readonly list: string;
  readonly expected: HalalStatus;
  readonly accept: readonly HalalStatus[];
  readonly why: string;
}

interface Answered extends Labelled {
  readonly answer: HalalStatus;
  readonly reasons: readonly string[];
}

/** Imports labelled products, requests `scans.recordMany` for them, and counts the answers by set. */
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
    return report(answered);
  } finally {
    await instance?.stop();
    rmSync(directory, { recursive: true, force: true });
    await stack.dropDatabase(DATABASE);
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
        expected: HalalStatus;
        accept?: HalalStatus[];
        why?: string;
        trap?: string;
      };
      return {
        set,
        code: value.code,
        name: value.product_name ?? "",
        list: value.ingredients_text ?? "",
        expected: value.expected,
        accept: value.accept ?? [value.expected],
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

function countSet(set: string, all: readonly Answered[]): SetCounts {
  const lines = all.filter((one) => one.set === set);
  const count = (matches: (one: Answered) => boolean) => lines.filter(matches).length;
  const [halal, haram, doubtful, unknown] = HALAL_STATUSES.map((status) =>
    count(({ answer }) => answer === status),
  );
  return {
    set,
    lines: lines.length,
    halal: halal ?? 0,
    haram: haram ?? 0,
    doubtful: doubtful ?? 0,
    unknown: unknown ?? 0,
    right: count(({ accept, answer }) => accept.includes(answer)),
    falseHalal: count(({ accept, answer }) => answer === "halal" && !accept.includes(answer)),
    falseHaram: count(({ accept, answer }) => answer === "haram" && !accept.includes(answer)),
  };
}

function report(answered: readonly Answered[]): ScenarioResult {
  const sets = [...new Set(answered.map(({ set }) => set))].map((set) => countSet(set, answered));
  const listed = answered.filter(({ list }) => list.trim() !== "");
  const unknown = listed.filter(({ answer }) => answer === "unknown").length;
  const wrong = answered.filter(({ accept, answer }) => !accept.includes(answer));
  return {
    name: "verdicts",
    title: "Verdicts on labelled products",
    rows: [
      ...sets.map((counts) => {
        const { target, reached } = judgeSet(counts);
        const { set, lines } = counts;
        return {
          what: `${set} ${SET_TARGETS[set]?.title ?? ""}`.trim(),
          ours: matrixCells(counts).join(" · "),
          limit: `${lines} lines`,
          ratio: "",
          target,
          reached,
        };
      }),
      {
        what: "unknown of those with a list",
        ours: percent(unknown, listed.length),
        limit: `${listed.length} lines`,
        ratio: "",
        target: "≤ 35 %",
        reached: unknown <= 0.35 * listed.length,
      },
    ],
    plots: [],
    notes: [
      "Counts: halal · haram · doubtful · unknown · right · false halal · false haram.",
      ...wrong.map(
        ({ set, code, name, expected, answer, why, reasons }) =>
          `${set} ${code} ${name}: ${answer}, expected ${expected} (${why}). ${reasons.join(" ")}`,
      ),
    ],
    figures: { sets, answered },
  };
}

const matrixCells = (one: SetCounts) =>
  [one.halal, one.haram, one.doubtful, one.unknown, one.right, one.falseHalal, one.falseHaram].map(
    String,
  );

const percent = (part: number, whole: number) =>
  whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;

/** Writes the matrix to the page about verdicts. */
function writeMatrix(answered: readonly Answered[]): void {
  const sets = [...new Set(answered.map(({ set }) => set))].map((set) => countSet(set, answered));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const titles = [
    "set",
    "lines",
    "halal",
    "haram",
    "doubtful",
    "unknown",
    "right",
    "false halal",
    "false haram",
    "must",
    "reached",
  ];
  const section = [
    line(titles),
    line(titles.map(() => "---")),
    ...sets.map((counts) => {
      const { target, reached } = judgeSet(counts);
      const title = `${counts.set} ${SET_TARGETS[counts.set]?.title ?? ""}`.trim();
      return line([
        title,
        String(counts.lines),
        ...matrixCells(counts),
        target,
        reached ? "yes" : "no",
      ]);
    }),
  ].join("\n");
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, "utf8"), "verdicts", section));
  execFileSync("node_modules/.bin/oxfmt", [DOCUMENT]);
}
