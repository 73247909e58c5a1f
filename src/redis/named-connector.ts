import { type ConnectionOptions, connect } from "node:tls";
import { isIP, type Socket } from "node:net";
import { AbstractConnector } from "ioredis";

/** What ioredis tells a connector of a node. */
interface NodeOptions {
  readonly host?: string;
  readonly port?: number;
  readonly family?: number;
  readonly tls?: ConnectionOptions;
  readonly disconnectTimeout: number;
}

/**
 * Connects to a node of a cluster over TLS by the node's own name, which ioredis does not send (SNI); a node that the
 * cluster knows by its IP address only is asked for by the configured name.
 */
export class NamedConnector extends AbstractConnector {
  readonly #options: NodeOptions;

  // ioredis declares what a connector is given as unknown.
  constructor(options: unknown) {
    const node = options as NodeOptions;
    super(node.disconnectTimeout);
    this.#options = node;
  }

  override connect(): Promise<Socket> {
    const { host, port, family, tls } = this.#options;
    this.connecting = true;
    return new Promise((resolve, reject) => {
      // ioredis may disconnect in the turn in which it connects.
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
