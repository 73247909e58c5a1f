import net from "node:net";

/** Where a connection goes, as postgres-js tells its `socket` option. */
interface SocketTarget {
  readonly path?: string | false;
  readonly host: readonly string[];
  readonly port: readonly number[];
}

/**
 * Makes the sockets of one client, so that connections can be cut when the server hangs,
 * and so that reconnecting to a server that refuses is not tried without a pause (porsager/postgres#1193).
 */
export class SocketPool {
  readonly #open = new Set<net.Socket>();
  #failures = 0;

  /** The option of postgres-js that makes it use these sockets; it declares none. */
  option(): object {
    return { socket: (target: SocketTarget) => this.open(target) };
  }

  /** A socket that is connecting; the wait before it grows with each failure in a row, up to half a second. */
  async open(target: SocketTarget): Promise<net.Socket> {
    if (this.#failures > 1) {
      const delayMs = Math.min(20 * 2 ** (this.#failures - 2), 500);
      await new Promise<void>((resolve) => setTimeout(resolve, delayMs));
    }
    const host = target.host[0] ?? "localhost";
    const socket =
      target.path === undefined || target.path === false
        ? // postgres-js reads the name for SNI off the socket.
          Object.assign(net.connect({ host, port: target.port[0] ?? 5432 }), { host })
        : net.connect({ path: target.path });
    socket.setNoDelay(true);
    // Counted as failed until the server has spoken: a pooler that cannot log in closes right after connecting.
    this.#failures += 1;
    socket.once("data", () => {
      this.#failures = 0;
    });
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    return socket;
  }

  /** How much each open connection has received. */
  received(): Map<net.Socket, number> {
    return new Map(Array.from(this.#open, (socket) => [socket, socket.bytesRead]));
  }

  /** Cuts the connections that have received nothing since; the statements on them fail at once. */
  destroySilent(received: ReadonlyMap<net.Socket, number>): void {
    for (const [socket, bytes] of received) if (socket.bytesRead === bytes) socket.destroy();
  }

  /** Cuts every connection; the statements on them fail at once. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
