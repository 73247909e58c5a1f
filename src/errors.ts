/** The closed set of ways a call can fail; each maps to one tRPC code and one HTTP status. */
export type AppErrorCode =
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "CONFLICT"
  | "PAYLOAD_TOO_LARGE"
  | "TOO_MANY_REQUESTS"
  | "SERVICE_UNAVAILABLE"
  | "INTERNAL_SERVER_ERROR";

/** Why a call failed, for programs: `data.reason` of a tRPC error. A closed union that grows by addition. */
export type ErrorReason =
  | "token_missing"
  | "token_expired"
  | "token_invalid"
  | "call_alone"
  | "too_many_scans"
  | "too_many_favorites";

/** An expected failure whose message may be shown to the caller. */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly reason: ErrorReason | undefined;
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: AppErrorCode,
    message: string,
    options: { cause?: unknown; reason?: ErrorReason; retryAfterSeconds?: number } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "AppError";
    this.code = code;
    this.reason = options.reason;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The expected failure behind an error, however often a library wrapped it; null when there is none. */
export function appErrorOf(error: unknown): AppError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (at instanceof AppError) return at;
  }
  return null;
}
