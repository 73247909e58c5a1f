import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { ERROR_REASONS, type ErrorReason } from "../error-reasons.ts";
import { AppError, appErrorOf, type InputIssue } from "../errors.ts";
import { DEFAULT_LANGUAGE, type Language } from "../texts/language.ts";
import { inEnglish, inLanguage, type Text, text } from "../texts/text.ts";
import { textOfIssue } from "./issue-texts.ts";
import { withoutUnions } from "./union-issues.ts";

type ErrorCode = TRPCError["code"];

/** How an error is described to its caller: the message, and a part of `data` of a tRPC error. */
export interface ErrorData {
  readonly reason: ErrorReason;
  readonly issues?: readonly {
    readonly path: string;
    readonly code: string;
    readonly message: string;
  }[];
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

/** Keeps of a failure only the facts that a caller may know: never SQL, a stack or a host. Its message is English, for logs. */
export function toTrpcError(error: TRPCError): TRPCError {
  const { cause } = error;
  const known = appErrorOf(cause);
  if (known !== null)
    return new TRPCError({ code: known.code, message: known.message, cause: known });
  const generic = inEnglish(text("generic"));
  if (cause instanceof z.core.$ZodError) {
    // A failed input check comes as BAD_REQUEST; a failed output check is our own mistake.
    return error.code === "BAD_REQUEST"
      ? new TRPCError({ code: "BAD_REQUEST", message: summaryOf(issuesOf(cause)), cause })
      : new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: generic, cause });
  }
  return error.code === "INTERNAL_SERVER_ERROR"
    ? new TRPCError({ code: error.code, message: generic, cause: error })
    : error;
}

/**
 * Describes an error that `toTrpcError` gave in a language: `data` for programs, `message` for people.
 * `path` is the procedure's.
 */
export function describeError(
  error: TRPCError,
  path: string | undefined,
  language: Language,
): { readonly message: string; readonly data: ErrorData } {
  const { code, cause } = error;
  if (cause instanceof z.core.$ZodError && code === "BAD_REQUEST") {
    const issues = issuesOf(cause);
    return {
      message: summaryOf(issues, language),
      data: { reason: reasonOf(issues), issues: issues.map((one) => inWords(one, language)) },
    };
  }
  const reason = REASONS[code] ?? "internal";
  if (!(cause instanceof AppError)) {
    // Procedures throw `AppError`; only tRPC itself says that there is no procedure.
    const own = code === "NOT_FOUND" ? "no_procedure" : reason;
    return { message: messageOfTrpc(error, own, path, language), data: { reason: own } };
  }
  const { issues, retryAfterSeconds } = cause;
  return {
    message: `${cause.path === undefined ? "" : `${cause.path}: `}${inLanguage(cause.text, language)}`,
    data: {
      reason: cause.reason ?? reason,
      ...(issues.length === 0 ? {} : { issues: issues.map((one) => inWords(one, language)) }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  };
}

/** The message of an error of tRPC's own. Of what it cannot read, its English says more than ours. */
function messageOfTrpc(
  { code, message }: TRPCError,
  reason: ErrorReason,
  path: string | undefined,
  language: Language,
): string {
  const procedure = path ?? "";
  if (code === "INTERNAL_SERVER_ERROR") return inLanguage(text("generic"), language);
  if (reason === "no_procedure")
    return inLanguage(text("no_procedure", { path: procedure }), language);
  if (reason === "method_not_supported")
    return inLanguage(text("method_not_supported", { path: procedure }), language);
  return language === DEFAULT_LANGUAGE ? message : inLanguage(text("malformed_request"), language);
}

function inWords({ path, code, text }: InputIssue, language: Language) {
  return { path, code, message: messageIn(text, language) };
}

function messageIn(text: Text, language: Language): string {
  return inLanguage(text, language).slice(0, MESSAGE_LENGTH_MAX);
}

/** The faults that zod found, shortened to what a caller can use. */
export function issuesOf({ issues }: z.core.$ZodError): readonly InputIssue[] {
  return withoutUnions(issues)
    .slice(0, ISSUES_MAX)
    .flatMap((issue) => {
      const path = issue.path.map(String);
      if (issue.code === "unrecognized_keys")
        return issue.keys.map((key) => ({
          path: pathOf([...path, key]),
          code: "unknown_input",
          text: text("unknown_key"),
        }));
      return [
        { path: pathOf(path), code: ownReason(issue) ?? issue.code, text: textOfIssue(issue) },
      ];
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

function summaryOf(issues: readonly InputIssue[], language: Language = DEFAULT_LANGUAGE): string {
  const whole = inLanguage(text("input"), language);
  return issues
    .slice(0, ISSUES_IN_MESSAGE)
    .map(({ path, text }) => `${path === "" ? whole : path}: ${messageIn(text, language)}`)
    .join("; ");
}
