import { decodeLine, splitLines } from "./lines.ts";
import type { FileRecord, FileRecords } from "./records.ts";

/** One entry of an Open Food Facts taxonomy. */
export interface TaxonomyEntry {
  /** The language and the name on the entry's first line, such as `en:E101(i)`. */
  readonly language: string;
  readonly name: string;
  /** The names by language, the main one first. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** The parents as written, such as `en:E101`. */
  readonly parents: readonly string[];
  /** The properties, such as `vegan:en` → `yes`. */
  readonly properties: ReadonlyMap<string, string>;
}

const NAMES_LINE = /^([a-z]{2,3}(?:[_-][a-z]{2,4})?):(.*)$/;
const PROPERTY_LINE = /^([a-z0-9_]+):([a-z]{2}):(.*)$/i;

/**
 * Reads an Open Food Facts taxonomy: blocks of lines, `<` parents, `en:` names, `property:en:` values.
 * Source: Open Food Facts, "Taxonomies" (text format).
 */
export async function* readTaxonomy(chunks: AsyncIterable<Buffer>): FileRecords {
  let block: { position: number; lines: string[] } | null = null;
  for await (const lines of splitLines(chunks)) {
    const records: FileRecord[] = [];
    for (const line of lines) {
      const text = decodeLine(line);
      if (typeof text !== "string") {
        records.push(text);
        continue;
      }
      const plain = text.trim();
      if (plain === "") {
        records.push(...toRecords(block));
        block = null;
      } else if (!plain.startsWith("#")) {
        block ??= { position: line.number, lines: [] };
        block.lines.push(plain);
      }
    }
    yield records;
  }
  yield toRecords(block);
}

function toRecords(block: { position: number; lines: readonly string[] } | null): FileRecord[] {
  const entry = block === null ? null : parseBlock(block.lines);
  return block === null || entry === null ? [] : [{ position: block.position, value: entry }];
}

/** Parses a block; returns null for stop words and synonyms, which are not entries. */
function parseBlock(lines: readonly string[]): TaxonomyEntry | null {
  const parents: string[] = [];
  const names: Record<string, readonly string[]> = {};
  const properties = new Map<string, string>();
  let first: { language: string; name: string } | null = null;
  for (const line of lines) {
    if (/^(?:stopwords|synonyms):/.test(line)) return null;
    if (line.startsWith("<")) {
      parents.push(line.slice(1).trim());
      continue;
    }
    const [, language, list] = NAMES_LINE.exec(line) ?? [];
    const [, property, propertyLanguage, value] = PROPERTY_LINE.exec(line) ?? [];
    // A property's name is longer than a language's, or the line has a third part.
    if (property !== undefined && (language === undefined || property.length > 3)) {
      properties.set(`${property}:${propertyLanguage}`, (value ?? "").trim());
    } else if (language !== undefined && list !== undefined) {
      const all = splitNames(list);
      const [main] = all;
      if (main === undefined) continue;
      first ??= { language, name: main };
      names[language] = all;
    }
  }
  return first === null ? null : { ...first, names, parents, properties };
}

/** Splits names at commas; `\,` is a comma inside a name. */
function splitNames(list: string): string[] {
  return list
    .split(/(?<!\\),/)
    .map((name) => name.replaceAll("\\,", ",").trim())
    .filter((name) => name !== "");
}
