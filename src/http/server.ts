import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTcpServer, Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { HEADERS_MAX_BYTES, rejectConnection, rejectRequest } from "./client-error.ts";
import { StartupError } from "../startup-error.ts";
import type { TrpcEndpoint } from "./trpc/endpoint.ts";

/** A server whose port is known to be free; it starts listening in `serve`. */
export interface OpenServer {
  /** Where it listens, or will. */
  readonly port: number;
  /**
   * Listens from now on. Until then connections are refused: a proxy takes that for "ask another replica",
   * even for a write, and an answer that says "starting" for the caller's answer.
   * Errors: StartupError when the port was taken meanwhile.
   */
  serve(app: ServedApp): Promise<void>;
  /**
   * Stops: accepts for `noticeMs` more, then lets what is in flight finish, for at most `drainMaxMs`.
   * Units: milliseconds.
   */
  close(noticeMs: number, drainMaxMs: number): Promise<void>;
}

/** The two parts that answer requests: the endpoint those that need nothing of Hono, and Hono all others. */
export interface ServedApp {
  readonly endpoint: Pick<TrpcEndpoint, "tryPlain">;
  readonly fetch: Parameters<typeof getRequestListener>[0];
}

/** Railway's edge keeps idle connections for 60 s: a server that closes them sooner loses requests. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How long a connection accepted just before shutdown may stay silent. */
const FIRST_WORD_MS = 500;
const SWEEP_INTERVAL_MS = 100;
const QUIET_TURN_MAX_MS = 0.1;
const QUIET_TURN_WAIT_MAX_MS = 1_000;

/** The last request of a connection; none yet when empty. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

function lastOf(exchange: Partial<Exchange> | undefined): Exchange | undefined {
  const { request, response } = exchange ?? {};
  return request === undefined || response === undefined ? undefined : { request, response };
}

/** Makes a server for a port. Errors: StartupError when it cannot be had. */
export async function openServer(host: string, port: number): Promise<OpenServer> {
  let listener: RequestListener | undefined;
  if (port !== 0) await tryPort(host, port);
  const exchanges = new WeakMap<Duplex, Partial<Exchange>>();
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: HEADERS_MAX_BYTES,
      // A request without one is rejected below, with a body that a client can read.
      requireHostHeader: false,
    },
    (request, response) => {
      const exchange = exchanges.get(request.socket);
      if (exchange !== undefined) {
        exchange.request = request;
        exchange.response = response;
      }
      // HTTP/1.0 asks for none, and HAProxy's checks send none. Source: RFC 9112, section 3.2.
      if (request.httpVersionMajor === 1 && request.httpVersionMinor === 0)
        request.headers.host ||= "localhost";
      listener?.(request, response);
    },
  );
  server.on("clientError", (error, socket) =>
    rejectConnection(error, socket, lastOf(exchanges.get(socket))),
  );
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    exchanges.set(socket, {});
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    get port() {
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : port;
    },
    async serve(app) {
      // The globals stay Node's own: other packages in this process use them.
      const hono = getRequestListener(app.fetch, {
        overrideGlobalObjects: false,
        errorHandler: rejectRequest,
      });
      listener = (request, response) => {
        if (!app.endpoint.tryPlain(request, response)) void hono(request, response);
      };
      await listen(server, host, port);
    },
    async close(noticeMs, drainMaxMs) {
      await new Promise<void>((resolve) => setTimeout(resolve, noticeMs));
      const closed = new Promise<void>((resolve) => server.once("close", () => resolve()));
      await quietTurn(server);
      // The port alone and first: an HTTP server's own close looks through all connections before it.
      Server.prototype.close.call(server);
      const closedAt = performance.now();
      server.close();
      // Again and again: a connection whose last answer is out becomes idle, and Node takes one that
      // never said a word (a browser's preconnect) for busy.
      const sweep = () => {
        server.closeIdleConnections();
        if (performance.now() - closedAt < FIRST_WORD_MS) return;
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      };
      sweep();
      const sweeper = setInterval(sweep, SWEEP_INTERVAL_MS);
      const timer = setTimeout(() => server.closeAllConnections(), drainMaxMs);
      await closed;
      clearInterval(sweeper);
      clearTimeout(timer);
    },
  };
}

/**
 * Resolves in a turn of the event loop in which nothing arrived, or when none comes for a second: a connection that
 * waits to be accepted is reset when the port is closed, and a request on its way over an idle one is lost with it.
 * Node accepts one connection a turn, so many may be waiting.
 */
async function quietTurn(server: Server): Promise<void> {
  let arrived = true;
  const onArrival = () => {
    arrived = true;
  };
  server.on("connection", onArrival);
  const beganAt = performance.now();
  let turnAt = beganAt;
  let isLong = true;
  while ((arrived || isLong) && turnAt - beganAt < QUIET_TURN_WAIT_MAX_MS) {
    arrived = false;
    await nextTurn();
    const now = performance.now();
    // In a long turn something may have come since the loop looked.
    isLong = now - turnAt > QUIET_TURN_MAX_MS;
    turnAt = now;
  }
  server.removeListener("connection", onArrival);
}

async function tryPort(host: string, port: number): Promise<void> {
  const server = createTcpServer((socket) => socket.destroy());
  await listen(server, host, port);
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const tryHost = (name: string) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: name, port }, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
  try {
    await tryHost(host);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EADDRINUSE") {
      throw new StartupError(
        `PORT ${port} is taken by another process: stop it, or set another PORT`,
        { cause: error },
      );
    }
    // A machine without IPv6 knows no `::`.
    if (host === "::" && (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL")) {
      await listen(server, "0.0.0.0", port);
      return;
    }
    throw new StartupError(`HOST ${host} and PORT ${port} cannot be listened on: ${code}`, {
      cause: error,
    });
  }
}
