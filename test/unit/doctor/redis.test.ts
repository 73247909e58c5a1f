import { expect, test } from "vitest";
import { checkCacheRedis, parseInfo } from "../../../src/doctor/redis.ts";

const facts = parseInfo(
  "redis:6379",
  [
    "# Server",
    "redis_version:7.4.1",
    "# Clients",
    "connected_clients:3",
    "maxclients:10000",
    "# Memory",
    "used_memory:1048576",
    "maxmemory:268435456",
    "maxmemory_policy:allkeys-lru",
    "# Stats",
    "evicted_keys:7",
  ].join("\r\n"),
);

test("parseInfo reads the figures of INFO", () => {
  expect(facts).toEqual({
    address: "redis:6379",
    version: "7.4.1",
    policy: "allkeys-lru",
    memoryBytesMax: 268_435_456,
    memoryBytes: 1_048_576,
    evictedKeys: 7,
    clients: 3,
    clientsMax: 10_000,
  });
});

test.each([
  ["bounded and evicting", {}, "ok"],
  ["keeps everything", { policy: "noeviction" }, "fail"],
  ["unbounded", { memoryBytesMax: 0 }, "warn"],
  ["nearly out of clients", { clients: 9_000 }, "warn"],
] as const)("cache: %s", (_name, change, level) => {
  expect(checkCacheRedis({ ...facts, ...change }).level).toBe(level);
});
