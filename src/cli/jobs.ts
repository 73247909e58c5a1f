import { parseArgs } from "node:util";
import { drizzle } from "drizzle-orm/postgres-js";
import { loadConfig } from "../config.ts";
import { listTroubled, readQueues, retryFailed } from "../jobs/queue-state.ts";
import { readFeeds } from "../jobs/recall-feeds.ts";
import { readHalt, resume } from "../jobs/push/rate.ts";
import { openCommandDatabase, runCommand } from "./command.ts";
import { StartupError } from "../startup-error.ts";

const SHOWN_MAX = 50;
const USAGE = "npm run jobs [-- failed | retry <queue or id> | resume-push]";
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Lists the queues and the failed jobs with their errors, and retries failed jobs. */
await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [what = "queues", which] = positionals;
  const database = await openCommandDatabase(loadConfig({ needsIssuer: false }), process.stderr);
  const db = drizzle(database.sql);
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    if (what === "queues" && which === undefined) {
      for (const { queue, waiting, active, failed, oldestSeconds } of await readQueues(db)) {
        const age = oldestSeconds === null ? "" : `, the oldest for ${Math.round(oldestSeconds)} s`;
        print(`${queue.padEnd(24)} ${waiting} waiting${age}, ${active} at work, ${failed} failed`);
      }
      const halted = await readHalt(db);
      if (halted !== null) print(`push notifications are stopped: ${halted}`);
      for (const { feed, failures, error, ageSeconds } of await readFeeds(db)) {
        const read =
          ageSeconds === null ? "never read" : `read ${Math.round(ageSeconds / 60)} min ago`;
        print(`${feed} ${read}${failures === 0 ? "" : `, ${failures} failures: ${error}`}`);
      }
    } else if (what === "failed" && which === undefined) {
      for (const job of await listTroubled(db, SHOWN_MAX)) {
        print(
          `${job.id} ${job.queue} ${job.state} since ${job.createdAt}, ${job.tries} tries: ${job.error ?? "no error is known"} ${JSON.stringify(job.data)}`,
        );
      }
    } else if (what === "retry" && which !== undefined) {
      const count = await retryFailed(db, UUID.test(which) ? { id: which } : { queue: which });
      print(`${count} jobs are tried again`);
    } else if (what === "resume-push" && which === undefined) {
      print((await resume(db)) ? "push notifications go out again" : "sending was not stopped");
    } else {
      throw new StartupError(USAGE);
    }
  } finally {
    await database.close();
  }
});
