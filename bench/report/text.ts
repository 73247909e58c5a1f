import type { Row, ScenarioResult } from "./model.ts";

type Column = keyof Row;

const COLUMNS: readonly (readonly [column: Column, title: string])[] = [
  ["what", "what"],
  ["ours", "measured"],
  ["limit", "beside it"],
  ["ratio", "ratio"],
  ["target", "target"],
  ["reached", "reached"],
];

/** A table of texts, without empty columns. */
export interface TextTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Formats rows as texts. */
export function textTable(rows: readonly Row[]): TextTable {
  const word = (row: Row, column: Column) => {
    const value = row[column];
    return typeof value === "string" ? value : value === null ? "" : value ? "yes" : "no";
  };
  const shown = COLUMNS.filter(([column]) => rows.some((row) => word(row, column) !== ""));
  return {
    titles: shown.map(([, title]) => title),
    rows: rows.map((row) => shown.map(([column]) => word(row, column))),
  };
}

/** A scenario for a terminal. */
export function terminalText({ title, rows, notes }: ScenarioResult): string {
  const table = textTable(rows);
  const lines = [table.titles, ...table.rows];
  const widths = table.titles.map((_, column) =>
    lines.reduce((widest, cells) => Math.max(widest, (cells[column] ?? "").length), 0),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - cell.length))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  const [head = [], ...body] = lines;
  return ["", title, "", line(head), rule, ...body.map(line), "", ...notes, ""].join("\n");
}
