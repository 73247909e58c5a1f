import { decodeLine, splitLines } from "./lines.ts";
import { type FileRecord, type FileRecords, problem } from "./records.ts";
import { SourceError } from "./source.ts";

/**
 * The separator of fields. A tab-separated file has no quoting, like the export of Open Food Facts, unless its first
 * line names the tab, like Excel's files.
 */
export type Delimiter = "\t" | "," | ";" | "|";

/** A longer quoted field counts as one that is never closed. Units: UTF-16 units. */
const OPEN_RECORD_LENGTH_MAX = 128 * 1024;

const DELIMITERS: readonly Delimiter[] = ["\t", ";", ",", "|"];

/** Excel's line before the header, to which another program may have added empty fields. */
const NAMED_DELIMITER = /^\s*"?sep=([\t,;|])"?[\t,;|]*\s*$/i;

/** Returns the delimiter that Excel's first line (`sep=;`) names, or null for another line. */
export function namedDelimiter(line: string): Delimiter | null {
  const [, named] = NAMED_DELIMITER.exec(line) ?? [];
  return DELIMITERS.find((one) => one === named) ?? null;
}

/** Finds the delimiter of a header: a tab if there is one, else the one that occurs most. */
export function findDelimiter(header: string): Delimiter {
  const count = (delimiter: Delimiter) => header.split(delimiter).length;
  if (count("\t") > 1) return "\t";
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best), ",");
}

/** The result of splitting a line: all fields, a quoted field that is still open, or misplaced quotes. */
type Cut =
  | { readonly kind: "whole"; readonly fields: string[] }
  | { readonly kind: "open"; readonly fields: string[]; readonly field: string }
  | { readonly kind: "stray"; readonly detail: string };

/** The fields of earlier lines, and the quoted field that is still open. */
interface Begun {
  readonly fields: readonly string[];
  readonly field: string;
}

/**
 * Splits a line into fields, from its beginning or from inside a quoted field.
 * Source: RFC 4180 for commas and quotes.
 */
function cutLine(
  text: string,
  { delimiter, hasQuotes }: Pick<Header, "delimiter" | "hasQuotes">,
  begun: Begun | null,
): Cut {
  if (!hasQuotes || (begun === null && !text.includes('"'))) {
    return { kind: "whole", fields: text.split(delimiter) };
  }
  const fields = begun === null ? [] : [...begun.fields];
  let quoted = begun?.field ?? null;
  let at = 0;
  for (;;) {
    if (quoted === null && text[at] === '"') {
      quoted = "";
      at += 1;
    }
    const end = text.indexOf(delimiter, at);
    if (quoted === null) {
      const fieldEnd = end < 0 ? text.length : end;
      fields.push(text.slice(at, fieldEnd));
      at = fieldEnd;
    } else {
      const read = readQuoted(text, at);
      quoted += read.text;
      if (read.end === null) return { kind: "open", fields, field: `${quoted}\n` };
      at = read.end;
      if (at < text.length && text[at] !== delimiter) {
        return {
          kind: "stray",
          detail: `text follows a closing quote: ${text.slice(at, at + 60)}`,
        };
      }
      fields.push(quoted);
      quoted = null;
    }
    if (at >= text.length) return { kind: "whole", fields };
    at += 1;
  }
}

/** Reads a quoted field's text from a position; `end` is the end of its closing quote, or null without one. */
function readQuoted(text: string, start: number): { text: string; end: number | null } {
  let read = "";
  let from = start;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { text: read + text.slice(from), end: null };
    read += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { text: read, end: quote + 1 };
    read += '"';
    from = quote + 2;
  }
}

/**
 * Reads rows under a header as objects of texts; a row may be shorter than the header, but not longer.
 * A quoted field may span lines. If its quotes are misplaced, only the line that opened the field is rejected, and the
 * lines after it are read as rows.
 * Errors: SourceError when the header cannot be read.
 */
export async function* readDelimited(chunks: AsyncIterable<Buffer>): FileRecords {
  let rows: RowReader | null = null;
  let named: Delimiter | null = null;
  for await (const lines of splitLines(chunks)) {
    for (const line of lines) {
      const text = decodeLine(line);
      if (rows !== null) rows.take(line.number, text);
      else if (typeof text !== "string") throw new SourceError(headerFault(text));
      else if (text.trim() !== "") {
        const isFirst = named === null;
        named ??= namedDelimiter(text);
        if (!isFirst || named === null) rows = new RowReader(readHeader(text, named));
      }
    }
    if (rows !== null) yield rows.takeRecords();
  }
  if (rows === null) return;
  rows.end();
  yield rows.takeRecords();
}

interface Header {
  readonly names: readonly string[];
  readonly delimiter: Delimiter;
  readonly hasQuotes: boolean;
}

function readHeader(text: string, named: Delimiter | null): Header {
  const delimiter = named ?? findDelimiter(text);
  const hasQuotes = delimiter !== "\t" || named !== null;
  const cut = cutLine(text, { delimiter, hasQuotes }, null);
  if (cut.kind !== "whole") throw new SourceError("the header's quotes are not closed");
  return { names: cut.fields.map((name) => name.trim()), delimiter, hasQuotes };
}

function headerFault(record: FileRecord): string {
  return "problem" in record && record.problem.reason === "too_long"
    ? "the header is too long to be one"
    : "the header is not UTF-8 text: save the file as UTF-8";
}

/** A line that may have to be read again. */
interface HeldLine {
  readonly number: number;
  readonly text: string;
}

/** A record with an open quoted field. */
interface OpenRecord extends Begun {
  readonly lines: HeldLine[];
  /** Units: UTF-16 units. */
  readonly length: number;
}

/** Makes rows from lines, and keeps the lines of the open record. */
class RowReader {
  readonly #header: Header;
  #records: FileRecord[] = [];
  #open: OpenRecord | null = null;

  constructor(header: Header) {
    this.#header = header;
  }

  takeRecords(): FileRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  take(number: number, text: string | FileRecord): void {
    if (typeof text === "string") {
      this.#read({ number, text });
      return;
    }
    this.#rejectOpen(`a quoted field is not closed before line ${number}, which cannot be read`);
    this.#records.push(text);
  }

  end(): void {
    this.#rejectOpen("a quoted field is not closed at the end of the file");
  }

  #read(line: HeldLine): void {
    const waiting = [line];
    // A line inside an open field can open another one only if it also ended a field, and a record has at most as many
    // fields as the header. A line is therefore read at most once for each column.
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const given = this.#readOnce(next);
      for (let i = given.length - 1; i >= 0; i -= 1) {
        const held = given[i];
        if (held !== undefined) waiting.push(held);
      }
    }
  }

  /** Reads a line, and returns the lines that must be read again as separate rows. */
  #readOnce(line: HeldLine): readonly HeldLine[] {
    const { names } = this.#header;
    const open = this.#open;
    if (open === null && line.text.trim() === "") return [];
    const cut = cutLine(line.text, this.#header, open);
    const lines = open === null ? [line] : open.lines;
    if (open !== null) lines.push(line);
    this.#open = null;
    if (cut.kind === "stray") return this.#reject(lines, cut.detail);
    if (cut.kind === "open") {
      if (cut.fields.length >= names.length) {
        return this.#reject(lines, `a quoted field beyond the ${names.length} of the header`);
      }
      const length = (open?.length ?? 0) + line.text.length + 1;
      if (length > OPEN_RECORD_LENGTH_MAX) {
        return this.#reject(lines, `a quoted field is not closed up to line ${line.number}`);
      }
      this.#open = { lines, length, fields: cut.fields, field: cut.field };
      return [];
    }
    // A record of several lines with too few fields contains other rows, because a quote was not closed.
    if (lines.length > 1 && cut.fields.length !== names.length) {
      const detail = `a quoted field up to line ${line.number} leaves ${cut.fields.length} fields under a header of ${names.length}`;
      return this.#reject(lines, detail);
    }
    this.#records.push(toRecord(lines[0]?.number ?? line.number, names, cut.fields));
    return [];
  }

  /** Rejects an open record that cannot continue. */
  #rejectOpen(detail: string): void {
    while (this.#open !== null) {
      const { lines } = this.#open;
      this.#open = null;
      for (const line of this.#reject(lines, detail)) this.#read(line);
    }
  }

  /** Rejects the first line, and returns the others. */
  #reject([opening, ...others]: readonly HeldLine[], detail: string): readonly HeldLine[] {
    if (opening !== undefined) {
      this.#records.push({ position: opening.number, problem: problem("open_quote", detail) });
    }
    return others;
  }
}

function toRecord(
  position: number,
  header: readonly string[],
  fields: readonly string[],
): FileRecord {
  if (fields.length > header.length) {
    const detail = `${fields.length} fields under a header of ${header.length}`;
    return { position, problem: problem("too_many_fields", detail) };
  }
  const value: Record<string, string> = Object.fromEntries(
    fields.map((field, index) => [header[index] ?? "", field]),
  );
  return { position, value };
}
