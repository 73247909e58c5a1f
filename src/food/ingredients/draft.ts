import type { Origin } from "./findings.ts";
import type { SubstanceRow } from "./lexicon.ts";

/** A substance of an entry while it is being read. */
export interface Draft {
  row: SubstanceRow | null;
  readonly additive: string | null;
  origin: Origin | null;
  percent: number | null;
  negated: boolean;
  trace: boolean;
  /** True when only a part of its word was understood. */
  readonly partial: boolean;
}

/** Substances of these kinds decide verdicts. */
const GRAVE_KINDS: ReadonlySet<string> = new Set(["animal", "alcohol", "insect"]);

/** Tells whether a substance is of a kind that decides verdicts: animal, alcohol or insect. */
export function isGraveKind(row: SubstanceRow | null): boolean {
  return GRAVE_KINDS.has(row?.kind ?? "");
}

/** Tells whether a substance is of animals' bodies, which an adjective before it cannot deny. */
export function isMeat(row: SubstanceRow | null): boolean {
  return row?.kind === "animal" || row?.kind === "insect";
}
