import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers one request for a product, by the code that it asks for. */
export type OffReply = (response: ServerResponse, code: string) => void;

/** Open Food Facts on this machine. */
export interface OffStandIn {
  readonly url: string;
  /** The codes that were asked for, in their order. */
  readonly asked: string[];
  reply: OffReply;
  close(): Promise<void>;
}

/** Replies with a body as JSON. */
export function json(body: unknown, status = 200): OffReply {
  return (response) =>
    void response
      .writeHead(status, { "content-type": "application/json; charset=utf-8" })
      .end(JSON.stringify(body));
}

/** Replies with a product of the asked code. */
export function product(fields: Readonly<Record<string, unknown>>): OffReply {
  return (response, code) =>
    json({ code, status: 1, product: { code, ...fields } })(response, code);
}

/** Starts the stand-in on a free port. */
export async function startOffStandIn(): Promise<OffStandIn> {
  const asked: string[] = [];
  const standIn = { asked, reply: json({ status: 0 }, 404) };
  const server = createServer((request, response) => {
    const code = /^\/api\/v2\/product\/(\d+)\.json\?/.exec(request.url ?? "")?.[1] ?? "";
    asked.push(code);
    response.on("error", () => {});
    standIn.reply(response, code);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
