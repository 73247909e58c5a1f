import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Bare `node:http`: for each size that the parent sends, a port that answers every request with that many bytes.
 * No other HTTP server on Node can be faster, because this one does not read the request.
 */
process.on("message", (sizes: readonly number[]) => {
  const ports = sizes.map((bytes) => {
    const body = Buffer.alloc(bytes, "x");
    const length = String(bytes);
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": length });
      response.end(body);
    });
    return new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  });
  void Promise.all(ports).then((listening) => process.send?.(listening));
});
process.on("disconnect", () => process.exit(0));
