import net from "node:net";

/** One answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A connection on which anything can be sent. */
export interface RawConnection {
  send(bytes: string | Buffer): void;
  /** Sends nothing more, but goes on reading. */
  finish(): void;
  /** Everything that was received until the server closed, or until the time was over. Units: milliseconds. */
  received(withinMs: number): Promise<string>;
  destroy(): void;
}

/** Connects to the server behind an `http://` address. */
export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return {
    send: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    finish: () => {
      socket.end();
    },
    async received(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([closed, timeout]);
      clearTimeout(timer);
      socket.destroy();
      return Buffer.concat(chunks).toString("latin1");
    },
    destroy: () => {
      socket.destroy();
    },
  };
}

/** Sends bytes on a connection of their own; gives what came back. Units: milliseconds. */
export async function exchangeRaw(
  url: string,
  bytes: string | Buffer,
  withinMs = 5_000,
): Promise<string> {
  const connection = await connectRaw(url);
  connection.send(bytes);
  return await connection.received(withinMs);
}

/** Takes a stream of HTTP/1.1 answers apart; fails on anything else. Bodies must have a content length, or none. */
export function parseAnswers(wire: string): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let rest = wire;
  while (rest !== "") {
    const headEnd = rest.indexOf("\r\n\r\n");
    const [statusLine = "", ...lines] = rest.slice(0, headEnd).split("\r\n");
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(`${statusLine} `)?.[1];
    if (headEnd === -1 || status === undefined)
      throw new Error(`not an HTTP answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers.get("content-length") ?? "0");
    const bodyStart = headEnd + 4;
    answers.push({
      status: Number(status),
      headers,
      body: rest.slice(bodyStart, bodyStart + length),
    });
    rest = rest.slice(bodyStart + length);
  }
  return answers;
}
