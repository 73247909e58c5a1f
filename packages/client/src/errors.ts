import { TRPCClientError } from "@trpc/client";
import { ERROR_REASONS, type ErrorReason } from "../../../src/error-reasons.ts";
import { HttpError, readRetryAfter } from "./fetch.ts";

/** An input that the phone already knows to be wrong, or a change that the server has refused. */
export class HalalClientError extends Error {
  /** tRPC's code, such as `BAD_REQUEST`. */
  readonly code: string;
  readonly reason: ErrorReason | undefined;

  constructor(code: string, message: string, reason?: ErrorReason) {
    super(message);
    this.name = "HalalClientError";
    this.code = code;
    this.reason = reason;
  }
}

/** The facts of an error for programs; all undefined when it is not the server's. */
export interface ErrorFacts {
  /** tRPC's code, such as `BAD_REQUEST`. */
  readonly code: string | undefined;
  readonly reason: ErrorReason | undefined;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds: number | undefined;
}

/** Reads the facts off an error, the client's own or one of a call. */
export function errorFactsOf(error: unknown): ErrorFacts {
  if (error instanceof HalalClientError) return { ...pick(error), retryAfterSeconds: undefined };
  if (!(error instanceof TRPCClientError))
    return { code: undefined, reason: undefined, retryAfterSeconds: undefined };
  const { cause } = error;
  const data = (error.data ?? {}) as Readonly<Record<string, unknown>>;
  const seconds = data["retryAfterSeconds"];
  return {
    ...pick(data),
    retryAfterSeconds:
      typeof seconds === "number"
        ? seconds
        : cause instanceof HttpError
          ? cause.retryAfterSeconds
          : retryAfterIn(error.meta),
  };
}

/** Why a call failed: one of the server's reasons, or undefined when the server did not say. */
export function errorReasonOf(error: unknown): ErrorReason | undefined {
  return errorFactsOf(error).reason;
}

function pick(data: object): Pick<ErrorFacts, "code" | "reason"> {
  const { code, reason } = data as { readonly code?: unknown; readonly reason?: unknown };
  return {
    code: typeof code === "string" ? code : undefined,
    reason: ERROR_REASONS.find((one) => one === reason),
  };
}

function retryAfterIn(meta: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const response = meta?.["response"] as
    | { readonly headers?: { get?: (name: string) => string | null } }
    | undefined;
  return readRetryAfter(response?.headers?.get?.("retry-after") ?? null, Date.now());
}
