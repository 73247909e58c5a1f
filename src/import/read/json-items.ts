import { isUtf8 } from "node:buffer";
import { parseJson } from "./json.ts";
import {
  type FileRecord,
  type FileRecords,
  NESTING_MAX,
  problem,
  RECORD_BYTES_MAX,
} from "./records.ts";
import { SourceError } from "./source.ts";

/** The members whose arrays are the items: those of GeoJSON, Overpass and openFDA, and usual names of lists. */
const LIST_MEMBERS: ReadonlySet<string> = new Set([
  "features",
  "elements",
  "items",
  "stores",
  "products",
  "additives",
  "certifiers",
  "boycotts",
  "targets",
  "recalls",
  "results",
]);
/** The longest kept text of a member's name or value. */
const MEMBER_TEXT_BYTES_MAX = 400;
/** The remark of an incomplete answer. Source: OSM wiki, Overpass API, queries that run out of time or memory. */
const INCOMPLETE_ANSWER = /^runtime error/i;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const RECORD_SEPARATOR = 0x1e;

const isSpace = (byte: number) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === RECORD_SEPARATOR;
const isOpening = (byte: number) => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number) => byte === 0x7d || byte === 0x5d;

/**
 * Reads the items of a JSON file of any size in constant memory: a FeatureCollection, an Overpass answer, an array, or
 * consecutive objects. Only one item is in memory; the JSON parser checks its text.
 * Errors: SourceError when the text around the items is not JSON, the file ends early, or Overpass reports an
 * incomplete answer.
 */
export async function* readJsonItems(chunks: AsyncIterable<Buffer>): FileRecords {
  const scanner = new ItemScanner();
  for await (const chunk of chunks) {
    try {
      scanner.scan(chunk);
    } catch (error) {
      // Items before the fault are imported.
      yield scanner.takeRecords();
      throw error;
    }
    yield scanner.takeRecords();
  }
  scanner.end();
  yield scanner.takeRecords();
}

/** The scanner's place: outside a list, in an object, in a list between items, or inside an item. */
type Place = "top" | "object" | "list" | "item";

class ItemScanner {
  #place: Place = "top";
  /** The number of open brackets. */
  #depth = 0;
  /** The depth of the list whose items are read, or -1. */
  #listDepth = -1;
  #inString = false;
  #isEscaped = false;
  /** The last string at the level of the top object, which may be a member's name. */
  #name = "";
  #member = "";
  /** The remark of an Overpass answer. */
  #remark = "";
  #wantsComma = false;
  /** The item's bytes so far; null when the item is too large. */
  #parts: Buffer[] | null = [];
  #partBytes = 0;
  #itemDepthMax = 0;
  /** Whether the top object had a list; without one the object is an item. */
  #hadList = false;
  #items = 0;
  #offset = 0;
  #records: FileRecord[] = [];

  takeRecords(): FileRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  scan(chunk: Buffer): void {
    /** The start of the kept bytes in this chunk, or -1. */
    let from = this.#isKeeping() ? 0 : -1;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#endString();
        if (this.#place === "object" && this.#depth === 1 && this.#inString) {
          if (this.#name.length <= MEMBER_TEXT_BYTES_MAX) this.#name += String.fromCharCode(byte);
        }
        continue;
      }
      if (byte === QUOTE) {
        if (this.#place === "top" || this.#place === "list") this.#fail(at);
        this.#inString = true;
        if (this.#place === "object" && this.#depth === 1) this.#name = "";
      } else if (isOpening(byte)) {
        const started = this.#open(byte, at);
        if (started) from = at;
      } else if (isClosing(byte)) {
        if (this.#depth === 0) this.#fail(at);
        this.#depth -= 1;
        if (this.#place === "item" && this.#depth === this.#listDepth) {
          this.#keep(chunk.subarray(from, at + 1));
          from = -1;
          this.#finishItem();
        } else if (this.#depth === this.#listDepth - 1) {
          // The list ends; the rest of the object around it is ignored.
          this.#listDepth = -1;
          this.#place = this.#depth === 0 ? "top" : "object";
          this.#wantsComma = false;
          if (this.#depth > 0) this.#parts = null;
        } else if (this.#depth === 0) {
          this.#closeTop(chunk, from, at);
          from = -1;
        }
      } else if (this.#place === "list") {
        if (byte === COMMA && this.#wantsComma) this.#wantsComma = false;
        else if (!isSpace(byte)) this.#fail(at);
      } else if (this.#place === "top") {
        if (!isSpace(byte) && byte !== COMMA) this.#fail(at);
      } else if (this.#place === "object" && this.#depth === 1) {
        if (byte === COLON) this.#member = this.#name;
        else if (byte === COMMA) this.#member = "";
      }
    }
    if (from >= 0) this.#keep(chunk.subarray(from));
    this.#offset += chunk.length;
  }

  #endString(): void {
    this.#inString = false;
    const isValue = this.#place === "object" && this.#depth === 1 && this.#member === "remark";
    if (isValue) this.#remark = this.#name;
  }

  end(): void {
    if (INCOMPLETE_ANSWER.test(this.#remark)) {
      throw new SourceError(`the server's answer is not complete: ${this.#remark}`);
    }
    if (this.#depth > 0 || this.#inString) {
      throw new SourceError("the file ends in the middle of its JSON; it is cut off");
    }
  }

  #isKeeping(): boolean {
    return this.#place === "item" || this.#place === "object";
  }

  /** Processes an opening bracket; returns whether kept bytes begin here. */
  #open(byte: number, at: number): boolean {
    this.#depth += 1;
    if (this.#place === "top") {
      this.#startKeeping();
      this.#hadList = false;
      if (byte === 0x5b) {
        this.#place = "list";
        this.#listDepth = 1;
        this.#wantsComma = false;
        this.#hadList = true;
        return false;
      }
      this.#place = "object";
      this.#name = "";
      this.#member = "";
      return true;
    }
    if (this.#place === "list") {
      if (this.#wantsComma) this.#fail(at);
      this.#place = "item";
      this.#startKeeping();
      return true;
    }
    if (
      this.#place === "object" &&
      this.#depth === 2 &&
      byte === 0x5b &&
      LIST_MEMBERS.has(this.#member)
    ) {
      this.#place = "list";
      this.#listDepth = 2;
      this.#wantsComma = false;
      this.#hadList = true;
      this.#parts = null;
      return false;
    }
    const itemDepth = this.#depth - Math.max(this.#listDepth, 0);
    if (itemDepth > this.#itemDepthMax) this.#itemDepthMax = itemDepth;
    return false;
  }

  #startKeeping(): void {
    this.#parts = [];
    this.#partBytes = 0;
    this.#itemDepthMax = 0;
  }

  #keep(bytes: Buffer): void {
    if (this.#parts === null) return;
    this.#partBytes += bytes.length;
    if (this.#partBytes > RECORD_BYTES_MAX) this.#parts = null;
    else this.#parts.push(bytes);
  }

  #closeTop(chunk: Buffer, from: number, at: number): void {
    this.#place = "top";
    if (this.#hadList) return;
    if (from >= 0) this.#keep(chunk.subarray(from, at + 1));
    this.#addRecord();
  }

  #finishItem(): void {
    this.#place = "list";
    this.#wantsComma = true;
    this.#addRecord();
  }

  #addRecord(): void {
    this.#items += 1;
    const position = this.#items;
    const parts = this.#parts;
    this.#parts = null;
    if (parts === null) {
      const detail = `the item is larger than ${RECORD_BYTES_MAX >> 20} MiB`;
      this.#records.push({ position, problem: problem("too_long", detail) });
    } else if (this.#itemDepthMax > NESTING_MAX) {
      const detail = `the item is nested deeper than ${NESTING_MAX} levels`;
      this.#records.push({ position, problem: problem("too_deep", detail) });
    } else {
      const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      this.#records.push(
        isUtf8(bytes)
          ? { position, ...parseJson(null, bytes.toString("utf8")) }
          : { position, problem: problem("not_utf8", "the item is not UTF-8 text") },
      );
    }
  }

  #fail(at: number): never {
    throw new SourceError(
      `byte ${this.#offset + at + 1} is not part of a list of JSON objects; the file is damaged or of another format`,
    );
  }
}
