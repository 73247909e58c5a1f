/** The message of a fault that is not the caller's. */
export const GENERIC_MESSAGE = "Something went wrong on our side. Please try again.";

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
export const ERROR_REASONS = [
  "malformed_request",
  "invalid_input",
  "unknown_input",
  "barcode_check_digit",
  "barcode_unreadable",
  "e_number_unreadable",
  "cursor_invalid",
  "batch_too_long",
  "body_too_large",
  "method_not_supported",
  "no_procedure",
  "not_found",
  "conflict",
  "token_missing",
  "token_expired",
  "token_invalid",
  "not_admin",
  "origin_not_allowed",
  "rate_limited",
  "call_alone",
  "too_many_scans",
  "too_many_favorites",
  "overloaded",
  "unavailable",
  "internal",
] as const;
export type ErrorReason = (typeof ERROR_REASONS)[number];

/** One fault of an input: `data.issues` of a tRPC error. */
export interface InputIssue {
  /** Keys and places, such as `scans.0.barcode`; empty for the input as a whole. */
  readonly path: string;
  /** An `ErrorReason`, or zod's code, such as `too_big`. */
  readonly code: string;
  readonly message: string;
}

/** An expected failure whose message may be shown to the caller. */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly reason: ErrorReason | undefined;
  readonly issues: readonly InputIssue[];
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: AppErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly reason?: ErrorReason;
      readonly issues?: readonly InputIssue[];
      readonly retryAfterSeconds?: number;
    } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "AppError";
    this.code = code;
    this.reason = options.reason;
    this.issues = options.issues ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Creates the error of an input that only the procedure can judge; `path` names the field. */
export function inputError(
  path: string,
  message: string,
  options: { readonly cause?: unknown; readonly reason?: ErrorReason } = {},
): AppError {
  const reason = options.reason ?? "invalid_input";
  const issues = [{ path, code: reason, message }];
  return new AppError("BAD_REQUEST", `${path}: ${message}`, { ...options, reason, issues });
}

/** The expected failure behind an error, however often a library wrapped it; null when there is none. */
export function appErrorOf(error: unknown): AppError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (at instanceof AppError) return at;
  }
  return null;
}
