import net from "node:net";

/** The target of a connection, as postgres-js passes it to its `socket` option. */
interface SocketTarget {
  readonly path?: string | false;
  readonly host: readonly string[];
  readonly port: readonly number[];
}

/**
 * Opens the sockets of one client, because a connection to a server that hangs can be ended only by its socket.
 * Reconnecting to a server that refuses connections waits, which postgres-js does not do.
 * Source: porsager/postgres#1193.
 */
export class TrackedSockets {
  readonly #open = new Set<net.Socket>();
  #failures = 0;

  /** Returns the undeclared option by which postgres-js uses these sockets. */
  option(): object {
    return { socket: (target: SocketTarget) => this.open(target) };
  }

  /** Opens a socket. The wait before it grows with each consecutive failure, up to half a second. */
  async open(target: SocketTarget): Promise<net.Socket> {
    if (this.#failures > 1) {
      const delayMs = Math.min(20 * 2 ** (this.#failures - 2), 500);
      await new Promise<void>((resolve) => setTimeout(resolve, delayMs));
    }
    const host = target.host[0] ?? "localhost";
    const socket =
      target.path === undefined || target.path === false
        ? // postgres-js takes the name for SNI from the socket.
          Object.assign(net.connect({ host, port: target.port[0] ?? 5432 }), { host })
        : net.connect({ path: target.path });
    socket.setNoDelay(true);
    // A connection counts as failed until the server sends data, because a pooler that cannot log in closes it at once.
    this.#failures += 1;
    socket.once("data", () => {
      this.#failures = 0;
    });
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    return socket;
  }

  /** Returns how many bytes each open connection has received. */
  received(): Map<net.Socket, number> {
    return new Map(Array.from(this.#open, (socket) => [socket, socket.bytesRead]));
  }

  /** Destroys the connections that have received nothing since; their statements fail at once. */
  destroySilent(received: ReadonlyMap<net.Socket, number>): void {
    for (const [socket, bytes] of received) if (socket.bytesRead === bytes) socket.destroy();
  }

  /** Destroys every connection; their statements fail at once. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
