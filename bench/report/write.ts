import type { RunOptions, ScenarioResult } from "./model.ts";

export function writeReports(results: readonly ScenarioResult[], _options: RunOptions): void {
  for (const result of results) {
    for (const row of result.rows)
      process.stdout.write(
        `${row.what} | ${row.ours} | ${row.limit} | ${row.ratio} | ${row.target} | ${String(row.reached)}\n`,
      );
    for (const note of result.notes) process.stdout.write(`${note}\n`);
  }
}
