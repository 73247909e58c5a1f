import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { RedisBreaker } from "../../../src/redis/circuit-breaker.ts";
import { openRedis } from "../../../src/redis/client.ts";

/** How the server of this test answers commands. */
let reply: ((command: string) => string | null) | "close";
let connections = 0;
const sockets = new Set<net.Socket>();
const closers: (() => Promise<void> | void)[] = [];

const INFO = "# Server\r\nredis_version:7.4.0";
const HEALTHY = (command: string) =>
  /info/i.test(command) ? `$${INFO.length}\r\n${INFO}\r\n` : "+OK\r\n";

async function start(): Promise<{ guard: RedisBreaker; states: boolean[]; outcomes: string[] }> {
  connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      if (reply === "close") {
        socket.destroy();
        return;
      }
      // One reply for each command, which begins with its number of words.
      for (const command of chunk.toString().split(/(?=\*\d+\r\n)/)) {
        const text = reply(command);
        if (text !== null) socket.write(text);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = openRedis([`redis://127.0.0.1:${port}`]);
  const states: boolean[] = [];
  const outcomes: string[] = [];
  const guard = new RedisBreaker(client, {
    onCall: (outcome) => outcomes.push(outcome),
    onState: (available) => states.push(available),
    probeIntervalMs: 20,
  });
  closers.push(
    () => guard.close(),
    () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  );
  if (reply !== "close")
    await until(() => client.status === (reply === HEALTHY ? "ready" : "connect"));
  return { guard, states, outcomes };
}

async function until(isSo: () => boolean): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > endsAt) throw new Error("it did not become so");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe("RedisBreaker", () => {
  it("returns Redis's answer", async () => {
    reply = HEALTHY;
    const { guard, outcomes } = await start();
    await until(() => guard.available);
    expect(await guard.call((client) => client.set("a", "1"))).toBe("OK");
    expect(outcomes).toEqual(["ok"]);
  });

  it("opens for a Redis that never answers, and closes when Redis answers again", async () => {
    reply = HEALTHY;
    const { guard, states, outcomes } = await start();
    reply = () => null;
    for (let i = 0; i < 3; i += 1)
      expect(await guard.call((client) => client.get("a"))).toBeUndefined();
    expect(outcomes).toEqual(["timeout", "timeout", "timeout"]);
    expect(guard.available).toBe(false);
    expect(await guard.call(() => Promise.reject(new Error("must not be called")))).toBeUndefined();
    expect(outcomes.at(-1)).toBe("skipped");
    reply = HEALTHY;
    await until(() => guard.available);
    expect(states).toEqual([false, true]);
    expect(await guard.call((client) => client.set("a", "1"))).toBe("OK");
  });

  it("recovers from a connection that was accepted but never answered", async () => {
    reply = () => null;
    const { guard } = await start();
    for (let i = 0; i < 3; i += 1) await guard.call((client) => client.get("a"));
    expect(guard.available).toBe(false);
    const before = connections;
    await until(() => connections > before);
    // Only new connections are answered, as after a broken network connection.
    const dead = new Set(sockets);
    for (const socket of dead) socket.removeAllListeners("data");
    reply = HEALTHY;
    await until(() => guard.available);
  });

  it("survives a Redis that closes every connection", async () => {
    reply = "close";
    const { guard } = await start();
    for (let i = 0; i < 3; i += 1)
      expect(await guard.call((client) => client.get("a"))).toBeUndefined();
    expect(guard.available).toBe(false);
    reply = HEALTHY;
    await until(() => guard.available);
  });

  it("stays closed after an error reply, because a full Redis still reads", async () => {
    reply = HEALTHY;
    const { guard, outcomes } = await start();
    reply = () => "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    for (let i = 0; i < 10; i += 1)
      expect(await guard.call((client) => client.set("a", "1"))).toBeUndefined();
    expect(guard.available).toBe(true);
    expect(new Set(outcomes)).toEqual(new Set(["error"]));
  });

  it("does not repeat unanswered commands after a reconnect", async () => {
    reply = HEALTHY;
    const { guard } = await start();
    const seen: string[] = [];
    reply = (command) => {
      seen.push(command);
      return null;
    };
    for (let i = 0; i < 3; i += 1) await guard.call((client) => client.set("older", String(i)));
    for (const socket of sockets) socket.destroy();
    seen.length = 0;
    reply = (command) => {
      seen.push(command);
      return HEALTHY(command);
    };
    await until(() => guard.available);
    await guard.call((client) => client.set("newer", "1"));
    expect(seen.some((command) => command.includes("older"))).toBe(false);
    expect(seen.some((command) => command.includes("newer"))).toBe(true);
  });
});
