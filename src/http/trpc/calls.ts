import type { FastCall } from "../../trpc/fast-query.ts";
import { localeIn } from "../../trpc/languages.ts";
import type { ProcedureFacts } from "../../trpc/procedure-table.ts";

/** Calls that may come in one request. */
export const BATCH_MAX = 30;

/** One call of a request, with the procedure that tRPC resolves for it. */
export interface Call {
  readonly path: string;
  /** Null when the router has no such procedure. */
  readonly procedure: ProcedureFacts | null;
  /** Set when a fast query has accepted the input. */
  readonly fast: FastCall | null;
}

/** The inputs of a request's calls as they were sent, or the error of reading them. */
export type Inputs = { readonly values: readonly unknown[] } | { readonly error: Error };

/** A request, parsed. */
export interface ParsedRequest {
  readonly calls: readonly Call[];
  readonly isBatch: boolean;
  /** Null when they come in the body. */
  readonly inputs: Inputs | null;
  /** Of the first input that has one; null without, and while they are in the body. Units: canonical BCP 47. */
  readonly locale: string | null;
  /** Streams, files and whatever tRPC answers with one error for all calls; its own handler resolves them. */
  readonly isForTrpc: boolean;
  /** Set for a bare call: its answer is the data alone, without tRPC's envelope; errors keep theirs. */
  readonly bare: BareAnswer | null;
}

/** The answer of a public call that has an address of its own and is the same for everybody. */
export interface BareAnswer {
  /** Names for an edge, by which a write drops what it may have changed. */
  readonly tags: readonly string[];
}

/** A call that has an address of its own. */
export interface BareCall extends BareAnswer {
  /** The name in logs and metrics. */
  readonly path: string;
  readonly fast: FastCall;
}

/** The locale of the first input that has one, or null. Units: canonical BCP 47. */
export function localeOf(inputs: Inputs | null): string | null {
  if (inputs === null || "error" in inputs) return null;
  for (const value of inputs.values) {
    const locale = localeIn(value);
    if (locale !== null) return locale;
  }
  return null;
}

/** Whether a batch has more calls than it may. */
export function isTooLong({ calls, isBatch }: ParsedRequest): boolean {
  return isBatch && calls.length > BATCH_MAX;
}

/** The cost of a request; a batch that is too long is not worked on and counts as the longest one. Units: calls. */
export function costOf({ calls }: Pick<ParsedRequest, "calls">, limitPerMinute: number): number {
  if (calls.length > BATCH_MAX) return Math.min(BATCH_MAX, limitPerMinute);
  let cost = 0;
  // One call alone must stay possible however low the limit is set.
  for (const { procedure } of calls) cost += Math.min(procedure?.cost ?? 1, limitPerMinute);
  return cost;
}
