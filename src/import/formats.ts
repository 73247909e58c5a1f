import type { Syntax } from "./format-parts.ts";
import type { Format } from "./kind.ts";
import { namedDelimiter } from "./read/delimited.ts";
import { isObject } from "./read/records.ts";
import { SourceError } from "./read/source.ts";
import { type ImportKind, KINDS } from "./registry.ts";

const HEAD_CHARACTERS = 1 << 16;
const LINE_END = /\r\n?|\n/;

/**
 * Reads the beginning of a file, and returns chunks that still contain it; returns null for an empty file.
 */
export async function peek(
  chunks: AsyncIterable<Buffer>,
): Promise<{ head: string; chunks: AsyncIterable<Buffer> } | null> {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let bytes = 0;
  while (bytes < HEAD_CHARACTERS) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    taken.push(value);
    bytes += value.length;
  }
  const head = Buffer.concat(taken).subarray(0, HEAD_CHARACTERS).toString("utf8");
  if (head.trim() === "") return null;
  async function* all(): AsyncGenerator<Buffer> {
    yield* taken.splice(0);
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head, chunks: all() };
}

/** Finds the syntax of a file of one kind from its first characters. */
export function findSyntax(kind: ImportKind, head: string): Syntax {
  const text = head.trimStart();
  if (/^<(?:\?xml|!--|!DOCTYPE|ecodes?[\s>]|osm[\s>])/.test(text)) return "xml";
  if (text.startsWith("[")) return "json-items";
  if (text.startsWith("{") || text.startsWith("\u001E")) return findJsonSyntax(kind, text);
  const lines = text.split(LINE_END, 200).filter((line) => !/^\s*(?:#|$)/.test(line));
  // A file of JSON lines may begin in the middle of a line, or with another line.
  const objects = lines.filter((line) => line.startsWith("{")).length;
  if (objects > 0 && objects * 2 >= lines.length) return "json-lines";
  if (/^(?:<?[a-z]{2,3}:|stopwords:|synonyms:)/.test(lines[0] ?? "")) return "taxonomy";
  const named = namedDelimiter(lines[0] ?? "");
  return named === "\t" || (named === null && (lines[0] ?? "").includes("\t")) ? "tabs" : "commas";
}

function findJsonSyntax(kind: ImportKind, text: string): Syntax {
  const [first = "", second] = text.split(LINE_END, 2).map((line) => line.trim());
  if (second !== undefined) {
    const whole = objectOf(first.startsWith("\u001E") ? first.slice(1) : first);
    if (whole !== null) return isCollection(whole) ? "json-items" : "json-lines";
    const isOpenEnded = /[[{,:]$/.test(first);
    return second.startsWith("{") && !isOpenEnded ? "json-lines" : "json-items";
  }
  // One long line is a product's record or a whole collection.
  const isList = /"(?:features|elements|items|products|additives)"\s*:\s*\[/.test(text);
  return kind === "products" && !isList ? "json-lines" : "json-items";
}

function objectOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isCollection = (value: Readonly<Record<string, unknown>>) =>
  ["features", "elements", "recalls", "results"].some((name) => Array.isArray(value[name]));

/**
 * Chooses the format of a file of one kind.
 * Errors: SourceError when the kind has no format for the file's syntax.
 */
export function chooseFormat(kind: ImportKind, head: string): Format {
  const syntax = findSyntax(kind, head);
  const { formats } = KINDS[kind];
  const format = formats(head)[syntax];
  if (format !== undefined) return format;
  throw new SourceError(
    syntax === "xml" && kind === "stores"
      ? "XML is not read: export GeoJSON or Overpass JSON instead"
      : `${kind} are not read from a file like this one (${SYNTAX_NAMES[syntax]}), but from ${[...new Set(Object.values(formats("")).map(({ name }) => name))].join(", ")}`,
  );
}

const SYNTAX_NAMES: Readonly<Record<Syntax, string>> = {
  "json-lines": "JSON lines",
  "json-items": "JSON",
  xml: "XML",
  taxonomy: "an Open Food Facts taxonomy",
  tabs: "a tab-separated table",
  commas: "a comma-separated table, or no table at all",
};
