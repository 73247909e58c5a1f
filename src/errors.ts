import type { ErrorReason } from "./error-reasons.ts";
import { inEnglish, type Text } from "./texts/text.ts";

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

/** One fault of an input: `data.issues` of a tRPC error, whose language is chosen when it is sent. */
export interface InputIssue {
  /** Keys and places, such as `scans.0.barcode`; empty for the input as a whole. */
  readonly path: string;
  /** An `ErrorReason`, or zod's code, such as `too_big`. */
  readonly code: string;
  readonly text: Text;
}

/** An expected failure whose text may be shown to the caller, in their language; `message` is English, for logs. */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly text: Text;
  readonly reason: ErrorReason | undefined;
  /** The field that the text is about, where it is about one. */
  readonly path: string | undefined;
  readonly issues: readonly InputIssue[];
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: AppErrorCode,
    text: Text,
    options: {
      readonly cause?: unknown;
      readonly path?: string;
      readonly reason?: ErrorReason;
      readonly issues?: readonly InputIssue[];
      readonly retryAfterSeconds?: number;
    } = {},
  ) {
    const { path } = options;
    super(
      `${path === undefined ? "" : `${path}: `}${inEnglish(text)}`,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.name = "AppError";
    this.code = code;
    this.text = text;
    this.path = path;
    this.reason = options.reason;
    this.issues = options.issues ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Creates the error of an input that only the procedure can judge; `path` names the field. */
export function inputError(
  path: string,
  text: Text,
  options: { readonly cause?: unknown; readonly reason?: ErrorReason } = {},
): AppError {
  const reason = options.reason ?? "invalid_input";
  const issues = [{ path, code: reason, text }];
  return new AppError("BAD_REQUEST", text, { ...options, path, reason, issues });
}

/** The expected failure behind an error, however often a library wrapped it; null when there is none. */
export function appErrorOf(error: unknown): AppError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (at instanceof AppError) return at;
  }
  return null;
}
