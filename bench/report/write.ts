import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RESULTS_DIR } from "../processes.ts";
import type { Machine } from "./machine.ts";
import { markdownTable, replaceSection } from "./markdown.ts";
import type { RunOptions, ScenarioResult } from "./model.ts";
import { type MeasuredScenario, reportPage } from "./page.ts";
import { terminalText } from "./text.ts";

const DOCUMENT = "docs/performance.md";
/** On a machine that was busier at the start, figures are not written down. */
const LOAD_AVERAGE_MAX = 1;

/**
 * Prints the results, writes them as JSON and as one HTML page beside the latest of the other scenarios, and puts
 * the tables of a whole run on a quiet machine into `docs/performance.md`. Units: `at` is when the run began.
 */
export function writeReports(
  results: readonly ScenarioResult[],
  options: RunOptions,
  run: { readonly at: Date; readonly machine: Machine },
): void {
  for (const result of results) process.stdout.write(terminalText(result));
  mkdirSync(RESULTS_DIR, { recursive: true });
  const at = run.at.toISOString();
  const measured: MeasuredScenario[] = results.map((result) => ({
    at,
    machine: run.machine,
    isQuick: options.quick,
    result,
  }));
  const isWhole = !options.quick && !options.profile && options.only === "";
  const latest = isWhole ? "latest" : "latest-partial";
  const all = merged(readScenarios(join(RESULTS_DIR, `${latest}.json`)), measured);
  const files = [
    [at.slice(0, 19).replaceAll(":", "-"), measured],
    [latest, all],
  ] as const;
  for (const [name, scenarios] of files) {
    writeFileSync(join(RESULTS_DIR, `${name}.json`), JSON.stringify(scenarios, null, 1));
    writeFileSync(join(RESULTS_DIR, `${name}.html`), reportPage(scenarios));
  }
  options.say(`report: ${join(RESULTS_DIR, `${latest}.html`)}`);
  if (!isWhole) return;
  const { loadAverage } = run.machine;
  if (loadAverage <= LOAD_AVERAGE_MAX) writeDocument(results, run.machine, at.slice(0, 10));
  else
    options.say(
      `${DOCUMENT} stays as it was: the load average at the start was ${loadAverage}, and other work makes figures worse (at most ${LOAD_AVERAGE_MAX})`,
    );
}

/** Those of before that were not measured again, and the new ones, each in its old place. */
function merged(
  before: readonly MeasuredScenario[],
  measured: readonly MeasuredScenario[],
): MeasuredScenario[] {
  const byName = new Map(before.map((each) => [each.result.name, each]));
  for (const each of measured) byName.set(each.result.name, each);
  return [...byName.values()];
}

function readScenarios(file: string): MeasuredScenario[] {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as MeasuredScenario[]) : [];
  } catch {
    // Cut off in the middle, or of an older form: what is measured now is enough.
    return [];
  }
}

function writeDocument(results: readonly ScenarioResult[], machine: Machine, day: string): void {
  let document = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, "utf8") : "# Performance\n";
  // The matrix of verdicts is in the page about verdicts.
  for (const result of results.filter(({ name }) => name !== "verdicts")) {
    document = replaceSection(document, result.name, markdownTable(result, machine, day));
  }
  writeFileSync(DOCUMENT, document);
  // Aligns the columns, so that `npm run check` finds nothing to say.
  execFileSync("node_modules/.bin/oxfmt", [DOCUMENT]);
}
