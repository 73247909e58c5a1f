import type { AnyProcedure, AnyRouter, TRPCProcedureType } from "@trpc/server";
import { checkDeprecation, type Deprecation } from "./deprecation.ts";
import type { FastQuery } from "./fast-query.ts";
import type { ProcedureMeta } from "./procedures.ts";
import type { StreamedQuery } from "./streamed-query.ts";

/** The facts about a procedure that answering and pricing a call need. */
export interface ProcedureFacts {
  readonly type: TRPCProcedureType;
  /** Units: calls of the rate limit. */
  readonly cost: number;
  readonly fast: FastQuery | null;
  readonly stream: StreamedQuery | null;
  /** Whether the answer depends on the caller's languages. */
  readonly isByLanguage: boolean;
  /** Null for a procedure that stays. */
  readonly deprecated: Deprecation | null;
}

/** Procedures by their path, `store.nearby`. */
export type ProcedureTable = ReadonlyMap<string, ProcedureFacts>;

/**
 * Reads the facts off the procedures of a router. Errors: Error for one that would skip a check of the caller, or that
 * would end too soon.
 */
export function createProcedureTable(router: AnyRouter): ProcedureTable {
  // At run time tRPC keeps the procedures flat, by path.
  const procedures = router._def.procedures as Readonly<Record<string, AnyProcedure>>;
  return new Map(
    Object.entries(procedures).map(([path, { _def }]) => {
      const {
        auth,
        cost = 1,
        fast = null,
        stream = null,
        isByLanguage = false,
        deprecated = null,
      } = (_def.meta ?? {}) as ProcedureMeta;
      if (fast !== null && (auth !== "public" || _def.type !== "query"))
        throw new Error(`${path}: only a public query may have a fast query`);
      if (stream !== null && (auth !== "user" || _def.type !== "query"))
        throw new Error(`${path}: only a user's query may be streamed`);
      if (deprecated !== null) checkDeprecation(path, deprecated, Object.keys(procedures));
      return [path, { type: _def.type, cost, fast, stream, isByLanguage, deprecated }];
    }),
  );
}
