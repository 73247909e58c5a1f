import { decodeLine, splitLines } from "./lines.ts";
import { type FileRecord, type FileRecords, problem } from "./records.ts";

/** How fields are separated; a tab-separated file has no quoting, as the export of Open Food Facts. */
export type Delimiter = "\t" | "," | ";";

/** A quoted field that runs on for longer is taken for one that is never closed. */
const OPEN_RECORD_LENGTH_MAX = 128 * 1024;

const DELIMITERS: readonly Delimiter[] = ["\t", ";", ","];

/** Tells the delimiter from a header: the one that occurs most, a tab before the others. */
export function findDelimiter(header: string): Delimiter {
  const count = (delimiter: Delimiter) => header.split(delimiter).length;
  if (count("\t") > 1) return "\t";
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best), ",");
}

/**
 * Cuts one record into fields, or gives null while a quoted field is still open.
 * Source: RFC 4180 for commas and quotes.
 */
export function splitFields(text: string, delimiter: Delimiter): string[] | null {
  if (delimiter === "\t" || !text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let field = "";
      let from = at + 1;
      for (;;) {
        const quote = text.indexOf('"', from);
        if (quote < 0) return null;
        field += text.slice(from, quote);
        if (text[quote + 1] !== '"') {
          at = quote + 1;
          break;
        }
        field += '"';
        from = quote + 2;
      }
      const end = endOfField(text, delimiter, at);
      // Text after a closing quote is not allowed, but losing it would be worse.
      fields.push(field + text.slice(at, end));
      at = end;
    } else {
      const end = endOfField(text, delimiter, at);
      fields.push(text.slice(at, end));
      at = end;
    }
    if (at >= text.length) return fields;
    at += 1;
  }
}

function endOfField(text: string, delimiter: Delimiter, from: number): number {
  const end = text.indexOf(delimiter, from);
  return end < 0 ? text.length : end;
}

/**
 * Reads rows under a header as objects of texts; a row may be shorter than the header, never longer.
 * A quoted field may span lines; one that is never closed makes one rejected record, not an endless one.
 */
export async function* readDelimited(chunks: AsyncIterable<Buffer>): FileRecords {
  let header: readonly string[] | null = null;
  let delimiter: Delimiter = ",";
  let open: OpenRecord | null = null;
  for await (const lines of splitLines(chunks)) {
    const records: FileRecord[] = [];
    for (const line of lines) {
      const text = decodeLine(line);
      if (typeof text !== "string") {
        records.push(text);
      } else if (open !== null) {
        open = continueRecord(open, text, line.number, header ?? [], delimiter, records);
      } else if (text.trim() === "") {
        continue;
      } else if (header === null) {
        delimiter = findDelimiter(text);
        header = (splitFields(text, delimiter) ?? [text]).map((name) => name.trim());
      } else {
        const fields = splitFields(text, delimiter);
        if (fields === null) open = { texts: [text], length: text.length, position: line.number };
        else records.push(toRecord(line.number, header, fields));
      }
    }
    yield records;
  }
  if (open !== null) yield [neverClosed(open.position, null)];
}

/** A record whose quoted field goes on; `length` in UTF-16 units. */
interface OpenRecord {
  readonly texts: string[];
  readonly length: number;
  readonly position: number;
}

function continueRecord(
  open: OpenRecord,
  text: string,
  line: number,
  header: readonly string[],
  delimiter: Delimiter,
  records: FileRecord[],
): OpenRecord | null {
  open.texts.push(text);
  const length = open.length + text.length + 1;
  // Quotes in pairs cannot close the field, so the whole is not looked at again.
  if (text.split('"').length % 2 === 0) {
    const fields = splitFields(open.texts.join("\n"), delimiter);
    if (fields !== null) {
      records.push(toRecord(open.position, header, fields));
      return null;
    }
  }
  if (length <= OPEN_RECORD_LENGTH_MAX) return { ...open, length };
  records.push(neverClosed(open.position, line));
  return null;
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

function neverClosed(from: number, to: number | null): FileRecord {
  const detail = `a quoted field is not closed${to === null ? " at the end of the file" : ` on lines ${from} to ${to}`}`;
  return { position: from, problem: problem("open_quote", detail) };
}
