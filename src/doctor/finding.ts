/** The severity of a finding: `fail` needs an operator now, `warn` later. */
export type Level = "ok" | "warn" | "fail";

/** The result of one check, with advice. */
export interface Finding {
  readonly check: string;
  readonly level: Level;
  readonly found: string;
  readonly advice?: string;
}

/** Makes a finding that needs no action. */
export function ok(check: string, found: string): Finding {
  return { check, level: "ok", found };
}

/** Makes a finding that has no effect yet. */
export function warn(check: string, found: string, advice: string): Finding {
  return { check, level: "warn", found, advice };
}

/** Makes a finding that has an effect now, or at the next peak or deploy. */
export function fail(check: string, found: string, advice: string): Finding {
  return { check, level: "fail", found, advice };
}

/** Formats the findings, one on each line, and counts them in the last line. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, level, found, advice }) => {
    const line = `${level.padEnd(4)}  ${check.padEnd(width)}  ${found}`;
    return advice === undefined ? line : `${line} -> ${advice}`;
  });
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  return `${[...lines, "", `${count("ok")} ok, ${count("warn")} warnings, ${count("fail")} failed`].join("\n")}\n`;
}

/** Returns 1 when a check failed or, with `isStrict`, warned; else 0. */
export function exitCodeOf(findings: readonly Finding[], isStrict: boolean): 0 | 1 {
  return findings.some(({ level }) => level === "fail" || (isStrict && level === "warn")) ? 1 : 0;
}

/** Lists the first items and the number of the others. */
export function listed(items: readonly string[], shown = 5): string {
  const more = items.length - shown;
  return more > 0 ? `${items.slice(0, shown).join(", ")} and ${more} more` : items.join(", ");
}

/** Formats a number of bytes for people. */
export function readableBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ""}`;
}
