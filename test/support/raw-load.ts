import net from "node:net";
import { percentile } from "./calls.ts";

/** The answers to a load, by HTTP status. */
export interface LoadResult {
  readonly counts: Readonly<Record<string, number>>;
  /** How long answers took. Units: milliseconds. */
  readonly times: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  /** Connections that the server ended, or that failed. */
  readonly broken: number;
  /** The first whole answer of each status. */
  readonly samples: Readonly<Record<string, string>>;
}

/**
 * Asks again and again over many connections, each as soon as it has its answer, until `end` is called.
 * Bare sockets, so that it costs less to ask than to answer.
 */
export function startLoad(
  port: number,
  request: string | (() => string),
  connections: number,
): { readonly answered: () => Readonly<Record<string, number>>; end(): LoadResult } {
  const times = new Map<number, number[]>();
  const samples: Record<string, string> = {};
  const sockets: net.Socket[] = [];
  let broken = 0;
  let isOver = false;
  const makeRequest = typeof request === "string" ? () => request : request;
  const open = () => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.push(socket);
    let text = "";
    let askedAt = 0;
    const ask = () => {
      text = "";
      askedAt = performance.now();
      socket.write(makeRequest());
    };
    socket.once("connect", ask);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const headEnd = text.indexOf("\r\n\r\n");
      if (headEnd === -1) return;
      const length = /content-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
      if (length === undefined) throw new Error(`no length: ${text.slice(0, headEnd)}`);
      if (text.length < headEnd + 4 + Number(length)) return;
      const status = Number(text.slice(9, 12));
      const known = times.get(status) ?? [];
      times.set(status, known);
      known.push(performance.now() - askedAt);
      samples[status] ??= text;
      if (!isOver) ask();
    });
    socket.once("error", () => {});
    socket.once("close", () => {
      if (!isOver) broken += 1;
    });
  };
  for (let i = 0; i < connections; i += 1) open();
  const answered = () => countsOf(times);
  return {
    answered,
    end() {
      isOver = true;
      for (const socket of sockets) socket.destroy();
      return {
        counts: answered(),
        times: timesOf(times),
        broken,
        samples,
      };
    },
  };
}

/** The answers to a load that does not wait for them, by HTTP status. */
export interface OpenLoadResult {
  /** Of the requests that were due after the settling time. */
  readonly counts: Readonly<Record<string, number>>;
  readonly times: LoadResult["times"];
  /** Requests without an answer at the end. */
  readonly unanswered: number;
}

/** How often an open load sends what became due. Units: milliseconds. */
const TICK_MS = 5;

/**
 * Sends requests at a steady rate, whatever the answers do, each over an idle connection or a new one, and waits for the
 * answers that are missing at the end. Units: requests a second, milliseconds.
 */
export async function openLoad(
  port: number,
  makeRequest: () => string,
  load: {
    readonly rate: number;
    readonly settlesMs: number;
    readonly lastsMs: number;
    readonly drainMs: number;
  },
): Promise<OpenLoadResult> {
  const idle: net.Socket[] = [];
  const sockets = new Set<net.Socket>();
  const times = new Map<number, number[]>();
  const waiting = new Set<net.Socket>();
  const beganAt = performance.now();
  const ask = (socket: net.Socket) => {
    const askedAt = performance.now();
    let text = "";
    waiting.add(socket);
    const read = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const headEnd = text.indexOf("\r\n\r\n");
      if (headEnd === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1]);
      if (text.length < headEnd + 4 + length) return;
      socket.off("data", read);
      waiting.delete(socket);
      idle.push(socket);
      if (askedAt - beganAt < load.settlesMs) return;
      const status = Number(text.slice(9, 12));
      const known = times.get(status) ?? [];
      times.set(status, known);
      known.push(performance.now() - askedAt);
    };
    socket.on("data", read);
    socket.write(makeRequest());
  };
  const connect = () => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.add(socket);
    waiting.add(socket);
    socket.once("connect", () => ask(socket));
    socket.on("error", () => {});
  };
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const passedMs = performance.now() - beganAt;
      for (; sent < (passedMs / 1000) * load.rate; sent += 1) {
        const socket = idle.pop();
        if (socket === undefined) connect();
        else ask(socket);
      }
      if (passedMs < load.settlesMs + load.lastsMs) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  const endsAt = performance.now() + load.drainMs;
  while (waiting.size > 0 && performance.now() < endsAt)
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  for (const socket of sockets) socket.destroy();
  return { counts: countsOf(times), times: timesOf(times), unanswered: waiting.size };
}

function countsOf(times: ReadonlyMap<number, readonly number[]>): Record<string, number> {
  return Object.fromEntries([...times].map(([status, { length }]) => [status, length]));
}

function timesOf(times: ReadonlyMap<number, readonly number[]>): LoadResult["times"] {
  return Object.fromEntries(
    [...times].map(([status, all]) => [
      status,
      { p50: Math.round(percentile(all, 0.5)), p99: Math.round(percentile(all, 0.99)) },
    ]),
  );
}
