import { parseArgs } from "node:util";
import { loadConfig } from "../config.ts";
import { createProgress } from "../progress.ts";
import { analyseProducts } from "../verdict/analyse-products.ts";
import { openCommandDatabase, runCommand } from "./command.ts";

/** The default pause between batches, which leaves half of the database's time to the service. */
const REST_MS = 50;

/**
 * Analyses products again after a change of the lexicon, of rulings, additives or certifiers. An interrupted run can be
 * continued, and several runs at once share the work.
 */
await runCommand(async (handOver) => {
  const { values } = parseArgs({ options: { fast: { type: "boolean", default: false } } });
  const database = await openCommandDatabase(loadConfig({ needsIssuer: false }), process.stderr);
  let isStopped = false;
  handOver(() => {
    if (isStopped) process.exit(130);
    isStopped = true;
  });
  const progress = createProgress({ stream: process.stderr, label: "analysing products" });
  try {
    const work = analyseProducts(database.sql, {
      onProgress: (looked) => progress.update(looked, undefined),
      isStopped: () => isStopped,
      restMs: values.fast ? 0 : REST_MS,
    });
    const { looked, read } = await Promise.race([work, database.lost]);
    progress.finish();
    process.stdout.write(
      `${looked} products were out of date: ${read} were read again, all were judged again\n`,
    );
    return isStopped ? 130 : 0;
  } finally {
    progress.stop();
    await database.close();
  }
});
