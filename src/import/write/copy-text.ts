/** A value for COPY; jsonb as its text. */
export type Cell = string | number | boolean | null | readonly string[];

/** Encodes rows in the text format of COPY. */
export function toCopyText(rows: readonly (readonly Cell[])[]): string {
  let text = "";
  for (const row of rows) text += `${toCopyLine(row)}\n`;
  return text;
}

/**
 * Encodes a row, or neighbouring cells of one, without the end of the line.
 * Source: PostgreSQL documentation, COPY (text format) and array input syntax.
 */
export function toCopyLine(cells: readonly Cell[]): string {
  let text = "";
  for (let index = 0; index < cells.length; index += 1) {
    if (index > 0) text += "\t";
    text += cellText(cells[index] ?? null);
  }
  return text;
}

function cellText(cell: Cell): string {
  if (cell === null) return "\\N";
  if (typeof cell === "string") return escape(cell);
  if (typeof cell === "number") return String(cell);
  if (typeof cell === "boolean") return cell ? "t" : "f";
  return escape(arrayText(cell));
}

/** Encodes texts as an array literal. */
export function arrayText(items: readonly string[]): string {
  let text = "{";
  for (const [index, item] of items.entries()) {
    const quoted = /["\\]/.test(item) ? item.replaceAll(/["\\]/g, String.raw`\$&`) : item;
    text += index === 0 ? `"${quoted}"` : `,"${quoted}"`;
  }
  return `${text}}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escape(text: string): string {
  return /[\\\n\r\t]/.test(text)
    ? text.replaceAll(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? character)
    : text;
}
