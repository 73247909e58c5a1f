import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

/** Smaller bodies fit in a packet or two anyway. */
export const COMPRESSION_THRESHOLD_BYTES = 1024;

/** A coding that an answer may have. */
export type ContentCoding = "br" | "gzip";

/** Picks a coding that the client takes, the tighter one first; a weight of 0 is a refusal. */
export function chooseCoding(acceptEncoding: string | undefined): ContentCoding | null {
  if (acceptEncoding === undefined) return null;
  const accepted = new Set(
    acceptEncoding
      .split(",")
      .map((entry) => entry.trim().toLowerCase())
      .filter((entry) => !/;\s*q=0(?:\.0*)?$/.test(entry))
      .map((entry) => entry.split(";")[0]?.trim() ?? ""),
  );
  if (accepted.has("br")) return "br";
  return accepted.has("gzip") ? "gzip" : null;
}

/** Compresses a body off the event loop, at settings meant for answers made once and sent once. */
export function compress(body: Uint8Array, coding: ContentCoding): Promise<Buffer> {
  return coding === "br"
    ? brotlied(body, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 4,
          [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        },
      })
    : gzipped(body, { level: 6 });
}
