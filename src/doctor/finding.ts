/** How bad a finding is: `fail` needs an operator, `warn` will one day. */
export type Level = "ok" | "warn" | "fail";

/** What one check found, and what to do about it. */
export interface Finding {
  readonly check: string;
  readonly level: Level;
  readonly found: string;
  readonly advice?: string;
}

/** A finding that needs nothing done. */
export function ok(check: string, found: string): Finding {
  return { check, level: "ok", found };
}

/** A finding that does not hurt yet. */
export function warn(check: string, found: string, advice: string): Finding {
  return { check, level: "warn", found, advice };
}

/** A finding that hurts now, or at the next load or deploy. */
export function fail(check: string, found: string, advice: string): Finding {
  return { check, level: "fail", found, advice };
}

/** One line a finding, and a last line that counts them. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, level, found, advice }) => {
    const line = `${level.padEnd(4)}  ${check.padEnd(width)}  ${found}`;
    return advice === undefined ? line : `${line} -> ${advice}`;
  });
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  return `${[...lines, "", `${count("ok")} ok, ${count("warn")} warnings, ${count("fail")} failed`].join("\n")}\n`;
}

/** 1 when something failed, or when `isStrict` and something warns; else 0. */
export function exitCodeOf(findings: readonly Finding[], isStrict: boolean): 0 | 1 {
  return findings.some(({ level }) => level === "fail" || (isStrict && level === "warn")) ? 1 : 0;
}

/** Some of a list's items, and how many more there are. */
export function listed(items: readonly string[], shown = 5): string {
  const more = items.length - shown;
  return more > 0 ? `${items.slice(0, shown).join(", ")} and ${more} more` : items.join(", ");
}

/** Bytes as people read them. */
export function readableBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ""}`;
}
