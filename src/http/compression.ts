import type { Transform } from "node:stream";
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  gzipSync,
} from "node:zlib";

/** Smaller bodies fit in a packet or two anyway. */
const THRESHOLD_BYTES = 1024;

/** Whether a body of that length is compressed at all. */
export function isWorthCoding(bodyBytes: number): boolean {
  return bodyBytes >= THRESHOLD_BYTES;
}

/** A coding that an answer may have. */
export type ContentCoding = "br" | "gzip";

/** Picks a coding that the client takes, the tighter one first; a weight of 0 is a refusal. */
export function chooseCoding(acceptEncoding: string | undefined): ContentCoding | null {
  if (acceptEncoding === undefined) return null;
  let gzip = false;
  for (const entry of acceptEncoding.toLowerCase().split(",")) {
    const [coding = "", ...parameters] = entry.split(";");
    if (parameters.some((parameter) => /^\s*q=0(?:\.0*)?\s*$/.test(parameter))) continue;
    if (coding.trim() === "br") return "br";
    if (coding.trim() === "gzip") gzip = true;
  }
  return gzip ? "gzip" : null;
}

const encodings = new WeakMap<Uint8Array, Map<ContentCoding, Buffer | null>>();

/**
 * Compresses a body, or gives null when it is not worth it; the same bytes are compressed once.
 * At the fastest settings, which take tens of microseconds for an answer: less than a trip to the thread pool.
 */
export function encodeBody(body: Uint8Array, coding: ContentCoding): Buffer | null {
  if (!isWorthCoding(body.length)) return null;
  let known = encodings.get(body);
  if (known === undefined) {
    known = new Map();
    encodings.set(body, known);
  }
  let encoded = known.get(coding);
  if (encoded === undefined) {
    const given = coding === "br" ? brotli(body) : gzipSync(body, { level: 1 });
    // A buffer of zlib is a part of 64 KiB with other data, all of which would stay in memory with it.
    encoded = Buffer.allocUnsafeSlow(given.length);
    given.copy(encoded);
    known.set(coding, encoded);
  }
  return encoded;
}

function brotli(body: Uint8Array): Buffer {
  return brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 1,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });
}

/** Of Brotli's window, for what is compressed as it is made: memory for as long as the client reads. Units: bits. */
const STREAM_WINDOW_BITS = 16;

/** Compresses a body of unknown length, as it is made. */
export function createEncoder(coding: ContentCoding): Transform {
  if (coding === "gzip") return createGzip({ level: 1 });
  return createBrotliCompress({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 1,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_LGWIN]: STREAM_WINDOW_BITS,
    },
  });
}
