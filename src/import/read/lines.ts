import { isUtf8 } from "node:buffer";
import { parseJson } from "./json.ts";
import { type FileRecord, type FileRecords, problem, RECORD_BYTES_MAX } from "./records.ts";

/** A line without its end; the bytes are null for a line that is too long. */
export interface Line {
  readonly number: number;
  readonly bytes: Buffer | null;
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Splits bytes into lines, also at carriage returns alone; a line over the limit is skipped without storing it. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes = RECORD_BYTES_MAX,
): AsyncGenerator<Line[]> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let tooLong = false;
  let number = 1;
  const take = (end: Buffer): Line => {
    const whole = heldBytes === 0 ? end : Buffer.concat([...held, end]);
    const isTooLong = tooLong || whole.length > maxBytes;
    held = [];
    heldBytes = 0;
    tooLong = false;
    const bytes = whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole;
    return { number: number++, bytes: isTooLong ? null : bytes };
  };
  for await (const chunk of withLineFeeds(chunks)) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(take(chunk.subarray(start, end)));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (tooLong || heldBytes + rest.length > maxBytes) {
      tooLong = true;
      held = [];
      heldBytes = 0;
    } else if (rest.length > 0) {
      held.push(rest);
      heldBytes += rest.length;
    }
    if (lines.length > 0) yield lines;
  }
  if (tooLong || heldBytes > 0) yield [take(Buffer.alloc(0))];
}

/**
 * Replaces carriage returns that stand alone by line feeds, if the first line ends with one. In other files such a
 * carriage return is part of a text.
 */
async function* withLineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let endsWith: "unknown" | "carriage returns" | "line feeds" = "unknown";
  let isHeld = false;
  for await (const chunk of chunks) {
    if (endsWith === "line feeds") {
      yield chunk;
      continue;
    }
    // A carriage return at the end of a chunk is kept until the next byte is known.
    const bytes: Buffer = isHeld ? Buffer.concat([Buffer.of(CARRIAGE_RETURN), chunk]) : chunk;
    isHeld = bytes.at(-1) === CARRIAGE_RETURN;
    const known = isHeld ? bytes.subarray(0, -1) : bytes;
    if (endsWith === "unknown") endsWith = firstLineEnd(known, bytes);
    if (endsWith === "line feeds") isHeld = false;
    if (endsWith === "carriage returns") yield lineFeedsFor(known);
    else yield isHeld ? known : bytes;
  }
  if (isHeld) yield Buffer.of(NEWLINE);
}

function firstLineEnd(known: Buffer, bytes: Buffer) {
  const newline = known.indexOf(NEWLINE);
  const carriageReturn = known.indexOf(CARRIAGE_RETURN);
  if (carriageReturn >= 0 && (newline < 0 || carriageReturn < newline)) {
    return bytes[carriageReturn + 1] === NEWLINE ? "line feeds" : "carriage returns";
  }
  return newline < 0 ? "unknown" : "line feeds";
}

function lineFeedsFor(bytes: Buffer): Buffer {
  const mended = Buffer.from(bytes);
  for (
    let at = mended.indexOf(CARRIAGE_RETURN);
    at >= 0;
    at = mended.indexOf(CARRIAGE_RETURN, at + 1)
  ) {
    if (mended[at + 1] !== NEWLINE) mended[at] = NEWLINE;
  }
  return mended;
}

/** Decodes a line; returns a record with the problem when that fails. */
export function decodeLine({ number, bytes }: Line): string | FileRecord {
  if (bytes === null) {
    return {
      position: number,
      problem: problem("too_long", `the line is longer than ${RECORD_BYTES_MAX >> 20} MiB`),
    };
  }
  if (!isUtf8(bytes)) {
    return { position: number, problem: problem("not_utf8", "the line is not UTF-8 text") };
  }
  return bytes.toString("utf8");
}

/** Reads JSON lines; blank lines are skipped. */
export async function* readJsonLines(chunks: AsyncIterable<Buffer>): FileRecords {
  for await (const lines of splitLines(chunks)) {
    const records: FileRecord[] = [];
    for (const line of lines) {
      const text = decodeLine(line);
      if (typeof text !== "string") {
        records.push(text);
        continue;
      }
      // U+001E begins each text of a JSON text sequence (RFC 7464).
      const plain = (text.startsWith("\u001E") ? text.slice(1) : text).trim();
      if (plain !== "") records.push({ position: line.number, ...parseJson(line.bytes, plain) });
    }
    yield records;
  }
}
