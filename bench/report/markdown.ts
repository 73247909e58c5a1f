import { escapeMarkdownCell } from "./escape.ts";
import type { Row, ScenarioResult } from "./model.ts";
import type { Machine } from "./machine.ts";
import { textTable } from "./text.ts";

const HEADING = "## Measured";

/** Writes the rows with a target as a Markdown table, or all rows when none has a target. */
export function markdownTable(result: ScenarioResult, machine: Machine, day: string): string {
  const aimed = result.rows.filter(({ target }) => target !== "");
  const shown: readonly Row[] = aimed.length > 0 ? aimed : result.rows;
  const { titles, rows } = textTable(shown);
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdownCell).join(" | ")} |`;
  return [
    `### ${result.title}`,
    "",
    `${day}, commit ${machine.commit}, ${machine.cores} × ${machine.cpu}, Node ${machine.node}, load average ${machine.loadAverage} at the start.`,
    "",
    line(titles),
    line(titles.map(() => "---")),
    ...rows.map(line),
  ].join("\n");
}

/**
 * Replaces the section between a scenario's marks, and keeps the rest of the document.
 * Without such marks the section is appended, under a heading for all of them.
 */
export function replaceSection(document: string, name: string, section: string): string {
  const begin = `<!-- bench:${name}:start -->`;
  const end = `<!-- bench:${name}:end -->`;
  const marked = `${begin}\n\n${section}\n\n${end}`;
  const from = document.indexOf(begin);
  const until = document.indexOf(end, from);
  if (from !== -1 && until !== -1) {
    return document.slice(0, from) + marked + document.slice(until + end.length);
  }
  const trimmed = document.trimEnd();
  const heading = document.includes(`${HEADING}\n`) ? "" : `${HEADING}\n\n`;
  return `${trimmed}\n\n${heading}${marked}\n`;
}
