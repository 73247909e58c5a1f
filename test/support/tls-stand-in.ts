import { readFileSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { TLSSocket } from "node:tls";

/** The certificate of every stand-in: it is for `localhost` and signed by itself. */
export const CERTIFICATE_FILE = fileURLToPath(new URL("tls/localhost.crt", import.meta.url));
/** The same with its key, as servers take them. */
export const certificate = {
  cert: readFileSync(CERTIFICATE_FILE),
  key: readFileSync(new URL("tls/localhost.key", import.meta.url)),
};

/** A server that routes by the name it is asked for, as Neon and hosted Redis do. */
export interface TlsStandIn {
  readonly port: number;
  /** The name (SNI) of each connection in turn; false where none was sent. */
  readonly names: readonly (string | false)[];
  close(): Promise<void>;
}

/** A server behind a stand-in: it gets what was encrypted. */
export type Upstream = Pick<net.TcpNetConnectOpts, "host" | "port">;

/**
 * Starts a stand-in for PostgreSQL or Redis. A connection without the name `localhost` is closed; the others lead to
 * `upstream`, or to `speak` where there is none.
 */
export async function startTlsStandIn(
  kind: "postgres" | "redis",
  behind: Upstream | ((socket: TLSSocket, port: number) => void),
): Promise<TlsStandIn> {
  const names: (string | false)[] = [];
  const sockets = new Set<net.Socket>();
  let port = 0;
  const secure = (socket: net.Socket) => {
    const encrypted = new TLSSocket(socket, { isServer: true, ...certificate });
    encrypted.on("error", () => socket.destroy());
    encrypted.once("secure", () => {
      // Undeclared for a socket that is made by hand.
      const { servername } = encrypted as TLSSocket & { servername: string | false };
      names.push(servername);
      if (servername !== "localhost") {
        encrypted.destroy();
      } else if (typeof behind === "function") behind(encrypted, port);
      else {
        const upstream = net.connect(behind.port, behind.host ?? "127.0.0.1");
        sockets.add(upstream);
        upstream.on("error", () => encrypted.destroy());
        encrypted.once("close", () => upstream.destroy());
        upstream.pipe(encrypted).pipe(upstream);
      }
    });
  };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    if (kind === "redis") secure(socket);
    else {
      // SSLRequest: eight bytes, answered by one. Source: PostgreSQL's documentation, section 53.2.10.
      socket.once("data", (chunk) => {
        socket.write("S");
        secure(socket);
        if (chunk.length > 8) socket.unshift(chunk.subarray(8));
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    names,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
