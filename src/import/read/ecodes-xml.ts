import { isUtf8 } from "node:buffer";
import { type FileRecord, type FileRecords, problem, RECORD_BYTES_MAX } from "./records.ts";
import { SourceError } from "./source.ts";

const GREATER = 0x3e;
const ATTRIBUTE = /([A-Za-z_][\w.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;
const NAMED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/**
 * Reads the `<ecode …/>` elements of an E-code list as objects of their attributes.
 * Only predefined and numeric entities are decoded; a document type, which may define others, is rejected.
 * Errors: SourceError when the file ends inside a tag, or declares a document type.
 * Source: XML 1.0, sections 2.3 (attributes), 4.1 and 4.6 (references).
 */
export async function* readEcodesXml(chunks: AsyncIterable<Buffer>): FileRecords {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const records: FileRecord[] = [];
    let start = 0;
    // An attribute's value may contain `>`, so a tag ends at the first one outside quotes.
    for (let end = endOfTag(bytes, start); end >= 0; end = endOfTag(bytes, start)) {
      const part = bytes.subarray(start, end + 1);
      const record = readTag(part, line);
      if (record !== null) records.push(record);
      line += countNewlines(part);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > RECORD_BYTES_MAX) {
      throw new SourceError(`line ${line}: a tag longer than ${RECORD_BYTES_MAX >> 20} MiB`);
    }
    yield records;
  }
  if (rest.includes("<")) {
    throw new SourceError(`line ${line}: the file ends in the middle of a tag; it is cut off`);
  }
}

function endOfTag(bytes: Buffer, from: number): number {
  const open = bytes.indexOf("<", from);
  if (open < 0) return -1;
  if (bytes.subarray(open, open + 4).toString("latin1") === "<!--") {
    const end = bytes.indexOf("-->", open + 4);
    return end < 0 ? -1 : end + 2;
  }
  let quote = 0;
  for (let at = open + 1; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === 0x22 || byte === 0x27) quote = byte;
    else if (byte === GREATER) return at;
  }
  return -1;
}

function readTag(part: Buffer, line: number): FileRecord | null {
  const text = part.toString("utf8");
  const tag = text.slice(text.indexOf("<"));
  if (tag.startsWith("<!DOCTYPE")) {
    throw new SourceError(`line ${line}: a document type declaration is not accepted`);
  }
  if (!/^<ecode[\s/>]/.test(tag)) return null;
  const position = line + countNewlines(part.subarray(0, part.indexOf("<")));
  if (!isUtf8(part)) {
    return { position, problem: problem("not_utf8", "the element is not UTF-8 text") };
  }
  const value: Record<string, string> = Object.fromEntries(
    [...tag.matchAll(ATTRIBUTE)].map(([, name = "", double, single]) => [
      name,
      decodeEntities(double ?? single ?? ""),
    ]),
  );
  return { position, value };
}

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi,
    (written, hex, decimal, name) => {
      if (name !== undefined) return NAMED_ENTITIES.get(String(name)) ?? written;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : written;
    },
  );
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
