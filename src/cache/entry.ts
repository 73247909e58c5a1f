import { crc32 } from "node:zlib";
import { parseSnapshot, type Snapshot } from "./snapshot.ts";

/** What is kept beside a cached value's bytes. */
export interface EntryHeader {
  /** Which layout the value has: an entry of another shape is a miss. */
  readonly shape: string;
  /** Which database the snapshot's transaction numbers belong to. */
  readonly databaseId: string;
  readonly snapshot: Snapshot;
  /** Unix time in milliseconds until which the value is fresh. */
  readonly freshUntilMs: number;
}

/** An entry as it lies in Redis. */
export interface StoredEntry extends EntryHeader {
  readonly payload: Buffer;
}

const MAGIC = 0x48_42_43_31;
const PREFIX_BYTES = 12;

/**
 * Lays out an entry: magic, CRC-32 of the rest, header length, header as JSON, payload as it is.
 * A reader checks all of it, so a damaged entry is a miss.
 */
export function encodeEntry(header: EntryHeader, payload: Buffer): Buffer {
  const { xmin, xmax, running } = header.snapshot;
  const head = Buffer.from(
    JSON.stringify([
      header.shape,
      header.databaseId,
      `${xmin}:${xmax}:${running.join(",")}`,
      header.freshUntilMs,
    ]),
  );
  const entry = Buffer.allocUnsafe(PREFIX_BYTES + head.length + payload.length);
  entry.writeUInt32BE(MAGIC, 0);
  entry.writeUInt32BE(head.length, 8);
  head.copy(entry, PREFIX_BYTES);
  payload.copy(entry, PREFIX_BYTES + head.length);
  entry.writeUInt32BE(crc32(entry.subarray(8)), 4);
  return entry;
}

/** Reads an entry, or gives null when it is not a whole and undamaged one. */
export function decodeEntry(entry: Buffer): StoredEntry | null {
  if (entry.length < PREFIX_BYTES || entry.readUInt32BE(0) !== MAGIC) return null;
  if (crc32(entry.subarray(8)) !== entry.readUInt32BE(4)) return null;
  const headEnd = PREFIX_BYTES + entry.readUInt32BE(8);
  if (headEnd > entry.length) return null;
  try {
    const head: unknown = JSON.parse(entry.toString("utf8", PREFIX_BYTES, headEnd));
    if (!Array.isArray(head)) return null;
    const [shape, databaseId, snapshot, freshUntilMs] = head;
    if (typeof shape !== "string" || typeof databaseId !== "string") return null;
    if (typeof snapshot !== "string" || typeof freshUntilMs !== "number") return null;
    return {
      shape,
      databaseId,
      snapshot: parseSnapshot(snapshot),
      freshUntilMs,
      payload: entry.subarray(headEnd),
    };
  } catch {
    return null;
  }
}
