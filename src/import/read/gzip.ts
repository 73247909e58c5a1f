import { crc32, createInflateRaw } from "node:zlib";
import { feedFrame } from "./compressed-frame.ts";

const MAGIC = 0x1f8b;
const DEFLATE = 8;
const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** The longest name or comment of a header; longer ones are damage. Units: bytes. */
const HEADER_TEXT_MAX = 64 * 1024;
const HAS_CHECKSUM = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

/** An error in gzip data, with a code of zlib's errors. */
class GzipError extends Error {
  readonly code: "Z_DATA_ERROR" | "Z_BUF_ERROR";

  constructor(code: "Z_DATA_ERROR" | "Z_BUF_ERROR", message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Decompresses gzip data with any number of members. Node's stream drops the end of a member when other bytes follow;
 * this function yields all decompressed data before the error.
 * Errors: the decoder's, and a GzipError for damaged frames and bytes that are not gzip.
 * Source: RFC 1952.
 */
export async function* decompressGzip(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = new ByteQueue(input[Symbol.asyncIterator]());
  while (await bytes.skipZeros()) {
    await readHeader(bytes);
    const decoder = createInflateRaw();
    const feeding = feedFrame(decoder, bytes.takeHeld(), bytes.source);
    let checksum = 0;
    let length = 0;
    try {
      for await (const chunk of decoder) {
        const plain = chunk as Buffer;
        checksum = crc32(plain, checksum);
        length += plain.length;
        yield plain;
      }
    } finally {
      decoder.destroy();
      // If the source failed, `feedFrame` has destroyed the decoder with the error.
      bytes.putBack(await feeding.catch(() => []));
    }
    const trailer = await bytes.take(TRAILER_BYTES);
    if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== length % 2 ** 32) {
      throw new GzipError("Z_DATA_ERROR", "the checksum does not hold");
    }
  }
}

async function readHeader(bytes: ByteQueue): Promise<void> {
  const header = await bytes.take(FIXED_HEADER_BYTES, "what follows is not compressed by gzip");
  if (header.readUInt16BE(0) !== MAGIC || header[2] !== DEFLATE) {
    throw new GzipError("Z_DATA_ERROR", "what follows is not compressed by gzip");
  }
  const flags = header[3] ?? 0;
  if ((flags & HAS_EXTRA) !== 0) await bytes.take((await bytes.take(2)).readUInt16LE(0));
  if ((flags & HAS_NAME) !== 0) await skipText(bytes);
  if ((flags & HAS_COMMENT) !== 0) await skipText(bytes);
  if ((flags & HAS_CHECKSUM) !== 0) await bytes.take(2);
}

async function skipText(bytes: ByteQueue): Promise<void> {
  for (let length = 0; length < HEADER_TEXT_MAX; length += 1) {
    if ((await bytes.take(1))[0] === 0) return;
  }
  throw new GzipError("Z_DATA_ERROR", "a name in the header does not end");
}

/** Reads given numbers of bytes from a source of chunks. */
class ByteQueue {
  readonly source: AsyncIterator<Buffer>;
  #held: Buffer[] = [];

  constructor(source: AsyncIterator<Buffer>) {
    this.source = source;
  }

  takeHeld(): Buffer[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  putBack(bytes: Buffer[]): void {
    this.#held = bytes;
  }

  /** Reads `count` bytes. Errors: GzipError for data that end too early; with `message` when some bytes exist. */
  async take(count: number, message?: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const next = await this.#next();
      if (next === null) {
        if (message !== undefined && missing < count) throw new GzipError("Z_DATA_ERROR", message);
        throw new GzipError("Z_BUF_ERROR", "unexpected end of file");
      }
      parts.push(next.subarray(0, missing));
      if (next.length > missing) this.#held.unshift(next.subarray(missing));
      missing -= Math.min(missing, next.length);
    }
    return Buffer.concat(parts);
  }

  /** Skips the zeros that pad archives to whole blocks; returns whether other bytes follow. */
  async skipZeros(): Promise<boolean> {
    for (;;) {
      const next = await this.#next();
      if (next === null) return false;
      const start = next.findIndex((byte) => byte !== 0);
      if (start >= 0) {
        this.#held.unshift(next.subarray(start));
        return true;
      }
    }
  }

  async #next(): Promise<Buffer | null> {
    const held = this.#held.shift();
    if (held !== undefined) return held;
    const { value, done } = await this.source.next();
    return done === true ? null : value;
  }
}
