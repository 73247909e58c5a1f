import { loadConfig } from "../config.ts";
import { loadDemoData } from "../seed/demo/load.ts";
import { createProgress } from "../progress.ts";
import { openCommandDatabase, runCommand } from "./command.ts";

/** Loads the demo data; existing rows stay unchanged. */
await runCommand(async () => {
  const database = await openCommandDatabase(loadConfig(), process.stderr);
  try {
    const progress = createProgress({ stream: process.stderr, label: "loading demo data" });
    await loadDemoData(database.sql, (done, total) => progress.update(done, total));
    progress.finish();
  } finally {
    await database.close();
  }
});
