import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that a stand-in for a provider's API has received. */
export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that answers as a provider's API does, as long as `status` says so. */
export class PurgeApi {
  readonly received: Received[] = [];
  status = 200;
  retryAfter: string | undefined;
  body = '{"success":true,"errors":[],"status":"ok"}';
  url = "";
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const { method, url, headers } = request;
        this.received.push({ method, url, headers, body: Buffer.concat(pieces).toString() });
        if (this.retryAfter !== undefined) response.setHeader("retry-after", this.retryAfter);
        response.writeHead(this.status).end(this.body);
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}
