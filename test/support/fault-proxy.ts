import net from "node:net";

/** A TCP proxy that can be made to fail in the ways networks do. */
export interface FaultProxy {
  readonly port: number;
  /** Cuts all connections and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts and keeps connections, but passes nothing on in either direction. */
  hang(): void;
  /** Passes everything on, delayed. Units: milliseconds. */
  delay(delayMs: number): void;
  /** Works as if nothing had been. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** Puts a proxy in front of a server. */
export async function startFaultProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultProxy> {
  const sockets = new Set<net.Socket>();
  let hanging = false;
  let delayMs = 0;
  const held: (() => void)[] = [];
  const relay = (from: net.Socket, to: net.Socket) => {
    from.on("data", (chunk) => {
      const pass = () => {
        if (!to.destroyed) to.write(chunk);
      };
      if (hanging) held.push(pass);
      else if (delayMs > 0) setTimeout(pass, delayMs);
      else pass();
    });
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    relay(client, upstream);
    relay(upstream, client);
  });
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  const port = await listen(0);
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      if (!server.listening) {
        resolve();
        return;
      }
      server.close(() => resolve());
      cutAll();
    });
  return {
    port,
    cut: stop,
    hang: () => {
      hanging = true;
    },
    delay: (ms) => {
      delayMs = ms;
    },
    async heal() {
      hanging = false;
      delayMs = 0;
      // Held bytes are lost, like packets of a connection that timed out.
      held.length = 0;
      cutAll();
      if (!server.listening) await listen(port);
    },
    close: stop,
  };
}
