import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { parseSnapshot, type Snapshot } from "./snapshot.ts";

/** The metadata stored beside a cached value's bytes. */
export interface EntryHeader {
  /** The layout of the value. An entry of another shape is a miss. */
  readonly shape: string;
  /** The database that the snapshot's transaction numbers belong to. */
  readonly databaseId: string;
  readonly snapshot: Snapshot;
  /** Until when the value is fresh. Units: Unix milliseconds. */
  readonly freshUntilMs: number;
}

/** An entry as it is stored in Redis. */
export interface StoredEntry extends EntryHeader {
  readonly payload: Buffer;
}

const MAGIC = 0x48_42_43_33;
const PREFIX_BYTES = 12;
/** Shorter payloads are stored uncompressed. */
const COMPRESSED_FROM_BYTES = 1024;
const PAYLOAD_MAX_BYTES = 64 * 1024 * 1024;
/** Level 1 compresses a cell's 60 KB of JSON to a third in 0.1 ms and decompresses them in half of that. */
const COMPRESSION_LEVEL = { [constants.ZSTD_c_compressionLevel]: 1 };
/** Expected compressed size as a share of the payload. An underestimate costs only a second allocation. */
const COMPRESSED_SHARE = 0.4;

/**
 * Encodes an entry: magic, CRC-32 of the rest, header length, header as JSON, payload (compressed unless short).
 * The checksum covers everything after it, so a damaged entry is a miss.
 * Source: Zstandard, RFC 8878.
 */
export function encodeEntry(header: EntryHeader, payload: Buffer): Buffer {
  const { xmin, xmax, running } = header.snapshot;
  const isCompressed = payload.length >= COMPRESSED_FROM_BYTES;
  const content = isCompressed ? compress(payload) : payload;
  const head = Buffer.from(
    JSON.stringify([
      header.shape,
      header.databaseId,
      `${xmin}:${xmax}:${running.join(",")}`,
      header.freshUntilMs,
      isCompressed ? payload.length : null,
    ]),
  );
  const entry = Buffer.allocUnsafe(PREFIX_BYTES + head.length + content.length);
  entry.writeUInt32BE(MAGIC, 0);
  entry.writeUInt32BE(head.length, 8);
  head.copy(entry, PREFIX_BYTES);
  content.copy(entry, PREFIX_BYTES + head.length);
  entry.writeUInt32BE(crc32(entry.subarray(8)), 4);
  return entry;
}

/** Decodes an entry; returns null when the entry is incomplete or damaged. */
export function decodeEntry(entry: Buffer): StoredEntry | null {
  if (entry.length < PREFIX_BYTES || entry.readUInt32BE(0) !== MAGIC) return null;
  if (crc32(entry.subarray(8)) !== entry.readUInt32BE(4)) return null;
  const headEnd = PREFIX_BYTES + entry.readUInt32BE(8);
  if (headEnd > entry.length) return null;
  try {
    const head: unknown = JSON.parse(entry.toString("utf8", PREFIX_BYTES, headEnd));
    if (!Array.isArray(head)) return null;
    const [shape, databaseId, snapshot, freshUntilMs, bytes] = head;
    if (typeof shape !== "string" || typeof databaseId !== "string") return null;
    if (typeof snapshot !== "string" || typeof freshUntilMs !== "number") return null;
    const content = entry.subarray(headEnd);
    return {
      shape,
      databaseId,
      snapshot: parseSnapshot(snapshot),
      freshUntilMs,
      payload: typeof bytes === "number" ? decompress(content, bytes) : content,
    };
  } catch {
    return null;
  }
}

function compress(payload: Buffer): Buffer {
  const chunkSize = Math.ceil(payload.length * COMPRESSED_SHARE);
  return zstdCompressSync(payload, { params: COMPRESSION_LEVEL, chunkSize });
}

/** Decompresses into one buffer, one byte larger than the result because zlib allocates another when one is full. */
function decompress(content: Buffer, bytes: number): Buffer {
  if (!(bytes <= PAYLOAD_MAX_BYTES)) throw new RangeError("not the size of a payload");
  const limits = { maxOutputLength: PAYLOAD_MAX_BYTES, chunkSize: bytes + 1 };
  return zstdDecompressSync(content, limits);
}
