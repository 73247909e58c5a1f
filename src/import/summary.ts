/** The outcome of the records of one file. */
export interface FileSummary {
  readonly file: string;
  readonly format: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly same: number;
  readonly rejected: number;
  /** How many records were rejected, by reason. */
  readonly reasons: ReadonlyMap<string, number>;
  /** How many imported records were mended or lost values, by reason. */
  readonly notes: ReadonlyMap<string, number>;
  /** Why reading stopped before the end, or null. */
  readonly fault: string | null;
  readonly rejectsFile: string | null;
  readonly elapsedMs: number;
}

/** Returns how many records are in the database; records that repeat a key count as well. */
export function countUsable({ inserted, updated, same, reasons }: FileSummary): number {
  return inserted + updated + same + (reasons.get("repeated") ?? 0);
}

/** Formats the summaries as a table, with the reasons under each file. */
export function formatSummaries(summaries: readonly FileSummary[], isDryRun: boolean): string {
  const header = ["", "read", "new", "changed", "same", "rejected"];
  const rows: string[][] = [header];
  for (const one of summaries) {
    rows.push([
      one.file,
      ...[one.read, one.inserted, one.updated, one.same, one.rejected].map(count),
    ]);
    for (const [reason, number] of byCount(one.reasons)) {
      rows.push([`  rejected: ${reason}`, "", "", "", "", count(number)]);
    }
    for (const [note, number] of byCount(one.notes)) {
      rows.push([`  taken, but: ${note}`, count(number)]);
    }
  }
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const after = summaries.flatMap((one) => [
    ...(one.rejectsFile === null ? [] : [`each of them with its reason: ${one.rejectsFile}`]),
    ...(one.fault === null ? [] : [`NOT COMPLETE: ${one.fault}`]),
  ]);
  if (isDryRun) after.push("dry run: nothing was written to the database");
  return `${[...lines, ...after].join("\n")}\n`;
}

const count = (number: number) => number.toLocaleString("en");
const byCount = (counts: ReadonlyMap<string, number>) =>
  [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
