/** Calls that may come in one request. */
export const BATCH_MAX = 10;

/** What a request asks of tRPC, read off its address before tRPC is reached. */
export interface RequestedCalls {
  readonly procedures: readonly string[];
  readonly isBatch: boolean;
}

/**
 * What a call counts as against the limit, where it is not 1: by what it costs the database.
 * Units: calls.
 */
export const CALL_COSTS: ReadonlyMap<string, number> = new Map([
  ["store.search", 3],
  ["additive.search", 2],
  ["additive.forCodes", 2],
  ["scans.recordMany", 10],
  ["favorites.sync", 5],
  ["account.export", 20],
  ["account.erase", 20],
]);

/**
 * Reads the procedures off a request's path and query, as tRPC will.
 * Source: tRPC's HTTP RPC specification, "Batching".
 */
export function requestedCalls(pathname: string, query: URLSearchParams): RequestedCalls {
  const path = pathname.replace(/^\/trpc\/?/, "").replace(/\/$/, "");
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // tRPC refuses it.
  }
  const isBatch = query.get("batch") === "1";
  return { procedures: isBatch ? decoded.split(",") : [decoded], isBatch };
}

/** What a request counts as; a batch that is too long is not worked on and counts as the longest one. Units: calls. */
export function costOf(procedures: readonly string[], limitPerMinute: number): number {
  if (procedures.length > BATCH_MAX) return Math.min(BATCH_MAX, limitPerMinute);
  let cost = 0;
  // One call alone must stay possible however low the limit is set.
  for (const procedure of procedures)
    cost += Math.min(CALL_COSTS.get(procedure) ?? 1, limitPerMinute);
  return cost;
}
