import type { ErrorReason } from "../error-reasons.ts";

/** A tRPC error for failures that happen before tRPC is reached, in the shape that `@trpc/client` reads. */
export function trpcErrorBody(
  code:
    | "PAYLOAD_TOO_LARGE"
    | "SERVICE_UNAVAILABLE"
    | "TOO_MANY_REQUESTS"
    | "NOT_FOUND"
    | "FORBIDDEN"
    | "INTERNAL_SERVER_ERROR"
    | "BAD_REQUEST",
  reason: ErrorReason,
  message: string,
  requestId: string,
  more: { readonly retryAfterSeconds?: number; readonly httpStatus?: number } = {},
): { body: { error: unknown }; status: (typeof STATUS)[keyof typeof STATUS] } {
  const status = STATUS[code];
  return {
    status,
    body: {
      error: {
        message,
        code: JSON_RPC[code],
        data: { code, httpStatus: status, reason, requestId, ...more },
      },
    },
  };
}

const STATUS = {
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  PAYLOAD_TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const;

/** Source: tRPC's JSON-RPC 2.0 error codes. */
const JSON_RPC = {
  BAD_REQUEST: -32600,
  FORBIDDEN: -32003,
  NOT_FOUND: -32004,
  PAYLOAD_TOO_LARGE: -32013,
  TOO_MANY_REQUESTS: -32029,
  INTERNAL_SERVER_ERROR: -32603,
  SERVICE_UNAVAILABLE: -32603,
} as const;
