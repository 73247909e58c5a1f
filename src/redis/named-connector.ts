import { type ConnectionOptions, connect } from "node:tls";
import { isIP, type Socket } from "node:net";
import { AbstractConnector } from "ioredis";

/** The options of a node that ioredis passes to a connector. */
interface NodeOptions {
  readonly host?: string;
  readonly port?: number;
  readonly family?: number;
  readonly tls?: ConnectionOptions;
  readonly disconnectTimeout: number;
}

/**
 * Connects to a cluster node over TLS with the node's own name as SNI, which ioredis does not send. For a node that
 * the cluster announces by IP address only, the configured name is sent.
 */
export class NamedConnector extends AbstractConnector {
  readonly #options: NodeOptions;

  // ioredis declares a connector's options as unknown.
  constructor(options: unknown) {
    const node = options as NodeOptions;
    super(node.disconnectTimeout);
    this.#options = node;
  }

  override connect(): Promise<Socket> {
    const { host, port, family, tls } = this.#options;
    this.connecting = true;
    return new Promise((resolve, reject) => {
      // ioredis may call `disconnect` in the same tick as `connect`.
      process.nextTick(() => {
        if (!this.connecting) {
          reject(new Error("Connection is closed."));
          return;
        }
        const isNamed = host !== undefined && isIP(host) === 0;
        const name = isNamed ? host : tls?.servername;
        const socket = connect({
          ...(family === undefined ? {} : { family }),
          ...tls,
          host: host ?? "localhost",
          port: port ?? 6379,
          ...(name === undefined ? {} : { servername: name }),
        });
        this.stream = socket;
        socket.once("error", (error) => {
          this.firstError = error;
        });
        resolve(socket);
      });
    });
  }
}
