import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf } from "../../src/geo/cell.ts";
import { eventually } from "../support/calls.ts";
import { type OwnVarnish, PURGE_TOKEN, startVarnish } from "../support/own-varnish.ts";
import { stackKind } from "../support/stack.ts";

/** Some of those of geohashes. */
const LETTERS = "bcdefghjkm";
const CELL = `/cells/${cellOf({ latitude: 48.8566, longitude: 2.3522 })}`;

/** An origin whose answers a test makes up. */
class MadeUpOrigin {
  status = 200;
  headers: Record<string, string> = {};
  body = "one";
  asked = 0;
  #server: Server | undefined;
  port = 0;

  async start(port = 0): Promise<void> {
    this.#server = createServer((request, response) => {
      if (request.url === "/health/live") return response.end("{}");
      this.asked += 1;
      return response.writeHead(this.status, this.headers).end(this.body);
    });
    await new Promise<void>((resolve) => this.#server?.listen(port, "0.0.0.0", resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    await closed;
  }

  keep(seconds: number): void {
    this.status = 200;
    this.headers = { "cache-control": `public, s-maxage=${seconds}`, xkey: "cell:u09t stores" };
  }
}

describe.skipIf(stackKind() !== "docker")("Varnish as shipped (docker stack)", () => {
  const origin = new MadeUpOrigin();
  let varnish: OwnVarnish;
  let cell = 0;

  beforeAll(async () => {
    await origin.start();
    varnish = await startVarnish(origin.port);
  });
  afterAll(async () => {
    await varnish.stop();
    await origin.stop();
  });

  /** An address that no other test has asked. */
  const newCell = () => {
    cell += 1;
    return `/cells/u09t${LETTERS[Math.floor(cell / LETTERS.length)]}${LETTERS[cell % LETTERS.length]}`;
  };
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${varnish.url}${path}`, init);
    return {
      status: response.status,
      edge: response.headers.get("x-edge"),
      headers: response.headers,
      body: await response.text(),
    };
  };
  const purge = (headers: Record<string, string>) => get("/", { method: "PURGE", headers });

  it("keeps an answer with tags until one of them is purged, or everything is", async () => {
    origin.keep(300);
    const path = newCell();
    origin.body = "old";
    expect(await get(path)).toMatchObject({ edge: "MISS", body: "old" });
    origin.body = "new";
    const hit = await get(path, { headers: { origin: "https://anywhere.example", cookie: "a=b" } });
    expect(hit).toMatchObject({ edge: "HIT", body: "old" });
    expect(hit.headers.get("cache-control")).toBe("public, no-cache");
    expect(hit.headers.get("xkey")).toBeNull();
    const secret = { "x-purge-secret": PURGE_TOKEN };
    expect((await purge({ ...secret, "xkey-purge": "cell:gcpv boycotts" })).status).toBe(200);
    expect(await get(path)).toMatchObject({ body: "old" });
    expect((await purge({ ...secret, "xkey-purge": "x cell:u09t" })).status).toBe(200);
    expect(await get(path)).toMatchObject({ edge: "MISS", body: "new" });
    origin.body = "newer";
    expect((await purge({ ...secret, "x-purge-everything": "1" })).status).toBe(200);
    expect(await get(path)).toMatchObject({ edge: "MISS", body: "newer" });
  });

  it.each<[string, Record<string, string>]>([
    ["without the secret", { "xkey-purge": "stores" }],
    ["with another secret", { "xkey-purge": "stores", "x-purge-secret": `${PURGE_TOKEN}x` }],
    ["with an empty secret", { "x-purge-everything": "1", "x-purge-secret": "" }],
  ])("takes no purge %s", async (_name, headers) => {
    origin.keep(300);
    const path = newCell();
    await get(path);
    expect((await purge(headers)).status).toBe(403);
    expect(await get(path)).toMatchObject({ edge: "HIT" });
  });

  it.each<[string, number, Record<string, string>]>([
    ["an error", 400, {}],
    ["an answer that may be old", 200, { "x-cache": "STALE" }],
    ["an answer that says so", 200, { "cache-control": "no-store" }],
    ["an answer with a cookie", 200, { "set-cookie": "a=b" }],
  ])("does not keep %s", async (_name, status, headers) => {
    origin.keep(300);
    origin.status = status;
    origin.headers = { ...origin.headers, ...headers };
    const path = newCell();
    origin.body = "first";
    const first = await get(path);
    expect(first).toMatchObject({ status, edge: null, body: "first" });
    expect(first.headers.get("cache-control")).toBe(origin.headers["cache-control"]);
    origin.body = "second";
    expect(await get(path)).toMatchObject({ status, body: "second" });
  });

  it.each<[string, string, RequestInit]>([
    ["a token", CELL, { headers: { authorization: "Bearer a.b.c" } }],
    ["a write", CELL, { method: "POST", body: "{}" }],
    ["a procedure", "/trpc/store.nearby", {}],
    ["a query that is not one of ours", `${CELL}?radius=7`, {}],
    ["the same query with more", "/lists/additives?locale=fr&x=1", {}],
  ])("asks the origin each time for %s", async (_name, path, init) => {
    origin.keep(300);
    const before = origin.asked;
    for (let n = 0; n < 2; n += 1) expect((await get(path, init)).status).toBe(200);
    expect(origin.asked).toBe(before + 2);
  });

  it("serves an answer that is past its time when the origin fails or is away, and only then", async () => {
    origin.keep(1);
    origin.headers["cache-control"] = "public, s-maxage=1, stale-while-revalidate=60";
    const path = newCell();
    origin.body = "kept";
    await get(path);
    origin.body = "changed";
    // Past its time nothing is served that the origin would not confirm.
    await eventually(
      5_000,
      () => get(path),
      ({ body }) => body === "changed",
    );
    await pause(1_500);
    origin.status = 503;
    origin.body = "an error";
    expect(await get(path)).toMatchObject({ status: 200, edge: "STALE", body: "changed" });
    expect(await get(newCell())).toMatchObject({ status: 503, body: "an error" });
    await origin.stop();
    for (let n = 0; n < 3; n += 1)
      expect(await get(path)).toMatchObject({ status: 200, edge: "STALE", body: "changed" });
    const nothing = await get(newCell());
    expect([nothing.status, nothing.headers.get("cache-control")]).toEqual([503, "no-store"]);
    expect(JSON.parse(nothing.body)).toMatchObject({ error: { data: { reason: "unavailable" } } });
    await origin.start(origin.port);
    origin.keep(300);
    origin.body = "back";
    await eventually(
      10_000,
      () => get(path),
      ({ body }) => body === "back",
    );
  });
});
