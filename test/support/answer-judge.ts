/** Signs of what an answer must never tell: SQL, a stack, a file, a host, a library's own words. */
const LEAKS =
  /Failed query|DrizzleQueryError|PostgresError|node_modules|node:internal|\.ts:\d+|file:\/\/\/|\/work\/|"stack"|ECONN|violates|duplicate key|invalid input syntax|syntax error at|relation \\"|pgbouncer|\bfrom (?:stores|scans|products|alerts|favorites|additives|certifiers|boycott_targets)\b/i;

const TOLERATED = /^(?:200|204|207|304|4\d\d)$/;

interface Item {
  readonly error?: {
    readonly message?: unknown;
    readonly code?: unknown;
    readonly data?: { readonly code?: unknown; readonly httpStatus?: unknown };
  };
  readonly result?: unknown;
}

/**
 * Returns the fault of an answer to a hostile request, or null: only answers and tRPC errors of 4xx are right.
 * `isShaped`: whether the body must be tRPC's.
 */
export function problemWith(status: number, body: string, isShaped: boolean): string | null {
  if (!TOLERATED.test(String(status))) return `status ${status}`;
  const leak = LEAKS.exec(body);
  if (leak !== null) return `tells "${leak[0]}"`;
  if (!isShaped || status === 204 || status === 304) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return "a body that is no JSON";
  }
  for (const item of (Array.isArray(parsed) ? parsed : [parsed]) as readonly Item[]) {
    const { error, result } = item;
    if (error === undefined) {
      if (result === undefined) return "neither a result nor an error";
      continue;
    }
    const { message, code, data } = error;
    if (typeof message !== "string" || typeof code !== "number") return "an error of another shape";
    if (typeof data?.code !== "string" || typeof data.httpStatus !== "number")
      return "an error of another shape";
    if (data.httpStatus >= 500) return `an error of status ${data.httpStatus}`;
    if (message.length > 2_000) return "an endless message";
  }
  return null;
}
