import { randomUUID } from "node:crypto";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf } from "../../src/geo/cell.ts";
import { eventually } from "../support/calls.ts";
import {
  type InstanceProcess,
  killInstanceProcesses,
  startInstanceProcess,
} from "../support/instance-process.ts";
import { type OwnNginx, startNginx } from "../support/own-nginx.ts";
import { type OwnVarnish, PURGE_TOKEN, startVarnish } from "../support/own-varnish.ts";
import { openStack, type Stack, stackKind } from "../support/stack.ts";
import { insertStores } from "../support/store-rows.ts";
import { bearer } from "../support/tokens.ts";

const HERE = { latitude: 48.8566, longitude: 2.3522 };
const CELL = `/cells/${cellOf(HERE)}`;
/** After a write no client gets an old answer later than this. Units: milliseconds. */
const GONE_AFTER_MS = 1_500;
/** The additional time of a busy machine. Units: milliseconds. */
const BUSY_MS = 1_000;

/** A port of this machine that leads to another one, which may be named later. */
class Relay {
  target = 0;
  port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => {
    const upstream = connect(this.target, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "0.0.0.0", resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe.skipIf(stackKind() !== "docker")("instances behind the edge (docker stack)", () => {
  const relay = new Relay();
  let stack: Stack;
  let instances: InstanceProcess[];
  let nginx: OwnNginx;
  let varnish: OwnVarnish;
  let id: string;

  beforeAll(async () => {
    stack = await openStack();
    [id = ""] = await insertStores(stack.sql, [{ ...HERE, name: "0" }]);
    await relay.start();
    varnish = await startVarnish(relay.port);
    const environment = {
      EDGE_PURGE: "varnish",
      EDGE_PURGE_URLS: varnish.url,
      EDGE_PURGE_TOKEN: PURGE_TOKEN,
    };
    instances = [await startInstanceProcess(stack, { environment })];
    // The first one has the lease by now.
    for (let n = 0; n < 2; n += 1)
      instances.push(await startInstanceProcess(stack, { environment }));
    nginx = await startNginx(instances.map(({ port }) => port));
    relay.target = Number(new URL(nginx.url).port);
    await eventually(
      20_000,
      () => fetch(`${varnish.url}/health/live`),
      ({ status }) => status === 200,
    );
  });

  afterAll(async () => {
    killInstanceProcesses();
    await varnish.stop();
    await nginx.stop();
    relay.close();
    await stack.close();
  });

  const rename = async (name: string, { url }: InstanceProcess) => {
    const response = await fetch(`${url}/trpc/store.update`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: await bearer({ id: randomUUID(), isAdmin: true }),
      },
      body: JSON.stringify({ id, name }),
    });
    return response.status;
  };
  const nameAtEdge = async () => {
    const response = await fetch(`${varnish.url}${CELL}`);
    const { stores } = (await response.json()) as { stores: { name: string }[] };
    return { name: stores[0]?.name, edge: response.headers.get("x-edge") };
  };

  it("a cell is kept at the edge, and a write drops it there", async () => {
    await eventually(10_000, nameAtEdge, ({ edge }) => edge === "HIT");
    const [first] = instances;
    if (first === undefined) throw new Error("no instance");
    expect(await rename("1", first)).toBe(200);
    await eventually(GONE_AFTER_MS + BUSY_MS, nameAtEdge, ({ name }) => name === "1");
    await eventually(10_000, nameAtEdge, ({ edge }) => edge === "HIT");
  });

  it("the edge shows no old answer for long after writes on three instances, of which the one that purges is killed", async () => {
    const written: { readonly name: number; readonly atMs: number }[] = [];
    const read: { readonly name: number; readonly atMs: number }[] = [];
    const run = { isOver: false };
    const reader = async () => {
      while (!run.isOver) {
        const atMs = performance.now();
        const { name } = await nameAtEdge();
        read.push({ name: Number(name), atMs });
        await pause(5);
      }
    };
    const readers = Array.from({ length: 4 }, reader);
    for (let n = 2; n < 82; n += 1) {
      if (n === 30) instances[0]?.process.kill("SIGKILL");
      const alive = n < 30 ? instances : instances.slice(1);
      const writer = alive[n % alive.length];
      if (writer === undefined) throw new Error("no instance");
      expect(await rename(String(n), writer)).toBe(200);
      written.push({ name: n, atMs: performance.now() });
      await pause(n % 10 === 0 ? 600 : 40);
    }
    await pause(GONE_AFTER_MS + BUSY_MS);
    run.isOver = true;
    await Promise.all(readers);
    const old = read.filter(({ name, atMs }) =>
      written.some((write) => write.name > name && atMs > write.atMs + GONE_AFTER_MS + BUSY_MS),
    );
    expect(old).toEqual([]);
    expect(read.at(-1)?.name).toBe(81);
    expect(read.length).toBeGreaterThan(200);
  }, 90_000);

  it("the edge serves what it has when every instance is gone", async () => {
    await eventually(10_000, nameAtEdge, ({ edge }) => edge === "HIT");
    for (const { process } of instances) process.kill("SIGKILL");
    await Promise.all(instances.map(({ ended }) => ended));
    expect(await nameAtEdge()).toMatchObject({ name: "81" });
  });
});
