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
 * Asks the same again and again over many connections, each as soon as it has its answer, until `end` is called.
 * Bare sockets, so that it costs less to ask than to answer.
 */
export function startLoad(
  port: number,
  request: string,
  connections: number,
): { readonly answered: () => Readonly<Record<string, number>>; end(): LoadResult } {
  const times = new Map<number, number[]>();
  const samples: Record<string, string> = {};
  const sockets: net.Socket[] = [];
  let broken = 0;
  let isOver = false;
  const bytes = Buffer.from(request);
  const open = () => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.push(socket);
    let text = "";
    let askedAt = 0;
    const ask = () => {
      text = "";
      askedAt = performance.now();
      socket.write(bytes);
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
  const answered = () =>
    Object.fromEntries([...times].map(([status, { length }]) => [status, length]));
  return {
    answered,
    end() {
      isOver = true;
      for (const socket of sockets) socket.destroy();
      return {
        counts: answered(),
        times: Object.fromEntries(
          [...times].map(([status, all]) => [
            status,
            { p50: Math.round(percentile(all, 0.5)), p99: Math.round(percentile(all, 0.99)) },
          ]),
        ),
        broken,
        samples,
      };
    },
  };
}
