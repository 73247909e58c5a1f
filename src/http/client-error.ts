import { randomUUID } from "node:crypto";
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { RequestError } from "@hono/node-server";
import { inEnglish, text } from "../texts/text.ts";
import { PRIVATE_CACHE_CONTROL, SECURITY_HEADERS } from "./headers.ts";
import { trpcErrorBody } from "./trpc-errors.ts";

/** The most that a request's first line and headers may take together. Units: bytes. */
export const HEADERS_MAX_BYTES = 32 * 1024;

interface Rejection {
  readonly status: number;
  readonly message: string;
}

const NOT_HTTP: Rejection = { status: 400, message: "This is not a well-formed HTTP request." };

/** The rejections by error code; any other error means bytes that are not HTTP. Source: Node.js documentation, event `clientError`. */
const REJECTIONS: Readonly<Record<string, Rejection>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    message: `The address and headers are larger than ${HEADERS_MAX_BYTES / 1024} KiB.`,
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    message: "The body has too many chunk extensions.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: "The request did not arrive in time." },
};

function bodyOf({ status, message }: Rejection, requestId: string): string {
  const { body } = trpcErrorBody("BAD_REQUEST", "malformed_request", message, requestId, {
    httpStatus: status,
  });
  return JSON.stringify(body);
}

function headersFor(requestId: string): readonly (readonly [name: string, value: string])[] {
  return [
    ["content-type", "application/json"],
    ["cache-control", PRIVATE_CACHE_CONTROL],
    ["x-request-id", requestId],
    ...SECURITY_HEADERS,
  ];
}

/** How long the bytes of a rejected client are read and dropped, because it has to read the answer first. */
const LINGER_MS = 500;

const rejected = new WeakSet<Duplex>();

/**
 * Ends a connection whose bytes are no request, with a tRPC error unless an earlier request's answer is due on it:
 * that one's client would take this for the answer.
 */
export function rejectConnection(
  error: Error,
  socket: Duplex,
  last: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined,
): void {
  if (rejected.has(socket)) return;
  const code = "code" in error ? String(error.code) : "";
  const isDue =
    last !== undefined &&
    !last.response.writableFinished &&
    (last.request.complete || last.response.headersSent);
  if (code === "ECONNRESET" || !socket.writable || isDue) {
    socket.destroy();
    return;
  }
  rejected.add(socket);
  const rejection = REJECTIONS[code] ?? NOT_HTTP;
  const requestId = randomUUID();
  const body = bodyOf(rejection, requestId);
  const headers = [
    ...headersFor(requestId),
    ["content-length", String(Buffer.byteLength(body))],
    ["connection", "close"],
  ].map(([name = "", value = ""]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[rejection.status] ?? "";
  socket.end(`HTTP/1.1 ${rejection.status} ${reason}\r\n${headers.join("")}\r\n${body}`);
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** The answer to a request that is HTTP but names no address, or to one that failed outside the app. */
export function rejectRequest(error: unknown): Response {
  const requestId = randomUUID();
  const init = {
    headers: headersFor(requestId).map(([name, value]): [string, string] => [name, value]),
  };
  if (error instanceof RequestError) {
    const rejection = { status: 400, message: inEnglish(text("malformed_address")) };
    return new Response(bodyOf(rejection, requestId), { ...init, status: rejection.status });
  }
  const { body, status } = trpcErrorBody(
    "INTERNAL_SERVER_ERROR",
    "internal",
    inEnglish(text("generic")),
    requestId,
  );
  return Response.json(body, { ...init, status });
}
