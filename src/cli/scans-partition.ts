import { loadConfig } from "../config.ts";
import { partitionScans } from "../db/partitions/partition-scans.ts";
import { createProgress } from "../progress.ts";
import { openCommandDatabase, runCommand } from "./command.ts";

/** Turns the table of scans into one with partitions by user, while instances run; an interrupted run may be repeated. */
await runCommand(async () => {
  const database = await openCommandDatabase(loadConfig(), process.stderr);
  const progress = createProgress({ stream: process.stderr, label: "copying scans", unit: "rows" });
  try {
    await Promise.race([
      database.lost,
      partitionScans(database.sql, {
        log: (line) => void process.stdout.write(`${line}\n`),
        onProgress: progress.update,
      }),
    ]);
    progress.finish();
  } finally {
    progress.stop();
    await database.close();
  }
});
