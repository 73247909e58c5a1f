import { parseArgs } from "node:util";
import { describeMachine } from "./report/machine.ts";
import type { RunOptions, ScenarioResult } from "./report/model.ts";
import { writeReports } from "./report/write.ts";
import { runEdge } from "./scenarios/edge.ts";
import { runCityDay } from "./scenarios/city-day.ts";
import { runHits } from "./scenarios/hits.ts";
import { runImport } from "./scenarios/import.ts";
import { runMisses } from "./scenarios/misses.ts";
import { runProducts } from "./scenarios/products.ts";
import { runPublish } from "./scenarios/publish.ts";
import { runPush } from "./scenarios/push.ts";
import { runScale } from "./scenarios/scale.ts";
import { runScans } from "./scenarios/scans.ts";
import { runStart } from "./scenarios/start.ts";
import { runTrends } from "./scenarios/trends.ts";
import { runVerdicts } from "./scenarios/verdicts.ts";
import { type BenchStack, startStack } from "./stack.ts";

const SCENARIOS: Readonly<
  Record<string, (stack: BenchStack, options: RunOptions) => Promise<ScenarioResult>>
> = {
  hits: runHits,
  misses: runMisses,
  scans: runScans,
  "city-day": runCityDay,
  edge: runEdge,
  push: runPush,
  publish: runPublish,
  import: runImport,
  start: runStart,
  trends: runTrends,
  verdicts: runVerdicts,
  products: runProducts,
  scale: runScale,
};

const USAGE = `npm run bench -- [${Object.keys(SCENARIOS).join(" | ")}]… [--quick] [--rounds <n>] [--seconds <n>] [--only <name>] [--profile], verdicts | products FILE…, publish | import CHECKOUT or scale | start [CHECKOUT]\n`;
/** They compare with another checkout, which has to be named. */
const BESIDE_ANOTHER = ["publish", "import"];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string", default: "" },
      profile: { type: "boolean", default: false },
    },
  });
  const files = ["verdicts", "products", "scale", "start", ...BESIDE_ANOTHER].includes(
    positionals[0] ?? "",
  )
    ? positionals.splice(1)
    : [];
  // `scale` fills a disk of 36 GB, and `trends` takes a quarter of an hour.
  const names =
    positionals.length === 0
      ? Object.keys(SCENARIOS).filter(
          (name) => ![...BESIDE_ANOTHER, "scale", "trends"].includes(name),
        )
      : positionals;
  const { quick } = values;
  const options: RunOptions = {
    quick,
    rounds: Number(values.rounds ?? (quick ? 2 : 5)),
    seconds: Number(values.seconds ?? (quick ? 1 : 3)),
    only: values.only,
    profile: values.profile,
    files,
    say: (line) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
  };
  if (!names.every((name) => name in SCENARIOS) || !(options.rounds >= 1 && options.seconds > 0)) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  // Before the containers start, because their load is the benchmark's own.
  const machine = describeMachine();
  let stack: BenchStack | undefined;
  const interrupted = () => {
    void (stack?.close() ?? Promise.resolve()).finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  try {
    stack = await startStack(options.say);
    for (const name of names) {
      options.say(`scenario ${name}`);
      const run = { at: new Date(), machine };
      const result = await SCENARIOS[name]?.(stack, options);
      // Written one by one, because a scenario may fail after others were measured.
      if (result !== undefined) writeReports([result], options, run);
    }
  } finally {
    await stack?.close();
  }
}

await main();
process.exit();
