import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { certificate } from "./tls-stand-in.ts";

/** The reply of the stand-in to a request to send. */
export type SendFault =
  | { readonly kind: "none" }
  /** Refuses the batch: nothing of it goes out. */
  | { readonly kind: "status"; readonly status: number }
  /** Takes the batch and answers an error all the same. */
  | { readonly kind: "taken"; readonly status: number }
  /** Takes the batch and gives tickets for some messages only. */
  | { readonly kind: "partial"; readonly tickets: number }
  /** Takes the batch and cuts the connection. */
  | { readonly kind: "cut" };

/** Expo's push service on this machine, with a ledger of what it took. */
export interface ExpoStandIn {
  readonly url: string;
  /** How often each token was sent something. */
  readonly ledger: ReadonlyMap<string, number>;
  /** When the last byte of messages arrived, refused ones as well, on the clock of `performance.now()`. */
  readonly arrivals: readonly { readonly at: number; readonly count: number }[];
  /** Decides on each request by its number, from 0. */
  fault: (request: number) => SendFault;
  /** Answers requests to send with this status before it reads their bodies; null: it reads them first. */
  earlyStatus: number | null;
  /** Tokens that a ticket or a receipt calls dead. */
  readonly deadTickets: Set<string>;
  readonly deadReceipts: Set<string>;
  /** Units: milliseconds. */
  latencyMs: number;
  /** The most messages that arrived within any one second. */
  busiestSecond(): number;
  /** Empties the ledger, and has no faults and no dead tokens from now on. */
  forget(): void;
  close(): Promise<void>;
}

const DEAD = { status: "error", message: "gone", details: { error: "DeviceNotRegistered" } };

/** Reads a body, and tells when its last byte came, on the clock of `performance.now()`. */
async function readBody(request: IncomingMessage): Promise<{ body: unknown; at: number }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const at = performance.now();
  const bytes = Buffer.concat(chunks);
  const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
  return { body: JSON.parse(text.toString("utf8")), at };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Starts the stand-in on a free port, with the certificate of every stand-in where it is to speak TLS. */
export async function startExpoStandIn({ isSecure = false } = {}): Promise<ExpoStandIn> {
  const ledger = new Map<string, number>();
  const arrivals: { at: number; count: number }[] = [];
  const tokenOf = new Map<string, string>();
  let requests = 0;

  async function send(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (standIn.earlyStatus !== null) {
      answer(response, standIn.earlyStatus, { errors: [{ code: "TEST", message: "not now" }] });
      return;
    }
    const { body, at } = await readBody(request);
    const messages = body as { to: string }[];
    arrivals.push({ at, count: messages.length });
    const fault = standIn.fault(requests);
    requests += 1;
    if (fault.kind === "status") {
      answer(response, fault.status, {
        errors: [{ code: "TEST", message: `says ${fault.status}` }],
      });
      return;
    }
    const tickets = messages.map(({ to }) => {
      if (standIn.deadTickets.has(to)) return DEAD;
      ledger.set(to, (ledger.get(to) ?? 0) + 1);
      const id = randomUUID();
      tokenOf.set(id, to);
      return { status: "ok", id };
    });
    if (standIn.latencyMs > 0) await pause(standIn.latencyMs);
    if (fault.kind === "taken") answer(response, fault.status, "the gateway timed out");
    else if (fault.kind === "cut") request.socket.destroy();
    else
      answer(response, 200, {
        data: fault.kind === "partial" ? tickets.slice(0, fault.tickets) : tickets,
      });
  }

  async function receipts(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { ids } = (await readBody(request)).body as { ids: string[] };
    const known = ids.filter((id) => tokenOf.has(id));
    const entries = known.map((id) => [
      id,
      standIn.deadReceipts.has(tokenOf.get(id) ?? "") ? DEAD : { status: "ok" },
    ]);
    answer(response, 200, { data: Object.fromEntries(entries) });
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const work = request.url?.endsWith("/getReceipts") === true ? receipts : send;
    work(request, response).catch(() => request.socket.destroy());
  };
  const server = isSecure ? createTlsServer(certificate, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const standIn: ExpoStandIn = {
    url: `${isSecure ? "https://localhost" : "http://127.0.0.1"}:${(server.address() as AddressInfo).port}`,
    ledger,
    arrivals,
    fault: () => ({ kind: "none" }),
    earlyStatus: null,
    deadTickets: new Set(),
    deadReceipts: new Set(),
    latencyMs: 0,
    busiestSecond() {
      const sorted = [...arrivals].sort((a, b) => a.at - b.at);
      let [first, inWindow, most] = [0, 0, 0];
      for (const { at, count } of sorted) {
        inWindow += count;
        while ((sorted[first]?.at ?? at) <= at - 1000) {
          inWindow -= sorted[first]?.count ?? 0;
          first += 1;
        }
        most = Math.max(most, inWindow);
      }
      return most;
    },
    forget() {
      ledger.clear();
      arrivals.length = 0;
      standIn.fault = () => ({ kind: "none" });
      standIn.earlyStatus = null;
      standIn.deadTickets.clear();
      standIn.deadReceipts.clear();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}
