import { TRPCError } from "@trpc/server";
import { z } from "zod";
import {
  AppError,
  appErrorOf,
  ERROR_REASONS,
  GENERIC_MESSAGE,
  type ErrorReason,
  type InputIssue,
} from "../errors.ts";

type ErrorCode = TRPCError["code"];

/** How an error is described to its caller: a part of `data` of a tRPC error. */
export interface ErrorData {
  readonly reason: ErrorReason;
  readonly issues?: readonly InputIssue[];
  readonly retryAfterSeconds?: number;
}

const ISSUES_MAX = 20;
const ISSUES_IN_MESSAGE = 5;
const PATH_LENGTH_MAX = 100;
const MESSAGE_LENGTH_MAX = 200;

/** The reason of an error that names none itself. */
const REASONS: Readonly<Partial<Record<ErrorCode, ErrorReason>>> = {
  PARSE_ERROR: "malformed_request",
  BAD_REQUEST: "malformed_request",
  UNAUTHORIZED: "token_missing",
  FORBIDDEN: "not_admin",
  NOT_FOUND: "not_found",
  METHOD_NOT_SUPPORTED: "method_not_supported",
  CONFLICT: "conflict",
  PAYLOAD_TOO_LARGE: "body_too_large",
  UNSUPPORTED_MEDIA_TYPE: "malformed_request",
  TOO_MANY_REQUESTS: "rate_limited",
  SERVICE_UNAVAILABLE: "unavailable",
};

/** Keeps of a failure only the facts that a caller may know: never SQL, a stack or a host. */
export function toTrpcError(error: TRPCError): TRPCError {
  const { cause } = error;
  const known = appErrorOf(cause);
  if (known !== null)
    return new TRPCError({ code: known.code, message: known.message, cause: known });
  if (cause instanceof z.core.$ZodError) {
    // A failed input check comes as BAD_REQUEST; a failed output check is our own mistake.
    return error.code === "BAD_REQUEST"
      ? new TRPCError({ code: "BAD_REQUEST", message: messageOf(issuesOf(cause)), cause })
      : new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: GENERIC_MESSAGE, cause });
  }
  return error.code === "INTERNAL_SERVER_ERROR"
    ? new TRPCError({ code: error.code, message: GENERIC_MESSAGE, cause: error })
    : error;
}

/** Describes an error that `toTrpcError` gave, for programs. */
export function errorDataOf({ code, cause }: TRPCError): ErrorData {
  if (cause instanceof z.core.$ZodError && code === "BAD_REQUEST") {
    const issues = issuesOf(cause);
    return { reason: reasonOf(issues), issues };
  }
  const reason = REASONS[code] ?? "internal";
  // Procedures throw `AppError`; only tRPC itself says that there is no procedure.
  if (!(cause instanceof AppError))
    return { reason: code === "NOT_FOUND" ? "no_procedure" : reason };
  const { issues, retryAfterSeconds } = cause;
  return {
    reason: cause.reason ?? reason,
    ...(issues.length === 0 ? {} : { issues }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** The faults that zod found, shortened to what a caller can use. */
export function issuesOf({ issues }: z.core.$ZodError): readonly InputIssue[] {
  return issues.slice(0, ISSUES_MAX).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: pathOf([...path, key]),
        code: "unknown_input",
        message: "not known here",
      }));
    const message = issue.message.slice(0, MESSAGE_LENGTH_MAX);
    return [{ path: pathOf(path), code: ownReason(issue) ?? issue.code, message }];
  });
}

/** The reason that a schema of ours gave with its issue. */
function ownReason(issue: z.core.$ZodIssue): ErrorReason | undefined {
  const reason: unknown = issue.code === "custom" ? issue.params?.["reason"] : undefined;
  return ERROR_REASONS.find((one) => one === reason);
}

/** An unknown key comes first, because the other faults may follow from it. */
export function reasonOf(issues: readonly InputIssue[]): ErrorReason {
  if (issues.some(({ code }) => code === "unknown_input")) return "unknown_input";
  return ERROR_REASONS.find((one) => one === issues[0]?.code) ?? "invalid_input";
}

function pathOf(parts: readonly string[]): string {
  return parts.join(".").slice(0, PATH_LENGTH_MAX);
}

function messageOf(issues: readonly InputIssue[]): string {
  return issues
    .slice(0, ISSUES_IN_MESSAGE)
    .map(({ path, message }) => `${path === "" ? "input" : path}: ${message}`)
    .join("; ");
}
