import { NESTING_MAX, problem, type RecordProblem } from "./records.ts";

/** Shorter texts are not checked, because even the deepest of them need little memory. Units: bytes. */
const NESTING_CHECKED_FROM_BYTES = 4096;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Parses one JSON text; returns a problem instead of throwing. */
export function parseJson(
  bytes: Buffer | null,
  text: string,
): { value: unknown } | { problem: RecordProblem } {
  if (bytes !== null && bytes.length >= NESTING_CHECKED_FROM_BYTES && isNestedTooDeep(bytes)) {
    return { problem: problem("too_deep", `the JSON is nested deeper than ${NESTING_MAX} levels`) };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: problem("broken_json", `broken JSON: ${reason.slice(0, 200)}`) };
  }
}

function isNestedTooDeep(bytes: Buffer): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at + 1);
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > NESTING_MAX) return true;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}

function endOfString(bytes: Buffer, from: number): number {
  for (let end = bytes.indexOf(QUOTE, from); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (bytes[end - 1 - backslashes] === BACKSLASH && end - 1 - backslashes >= from) {
      backslashes += 1;
    }
    if (backslashes % 2 === 0) return end;
  }
  return bytes.length;
}
