import { Redis } from "ioredis";
import { openRedis } from "../redis/client.ts";
import { clockAgainst } from "./ask-database.ts";
import type { ClockFacts } from "./database-health.ts";
import { parseInfo, type RedisFacts } from "./redis.ts";

/** The figures and the clock of a Redis node. */
export interface RedisAnswer {
  readonly facts: RedisFacts;
  readonly clock: ClockFacts;
}

const READY_MS = 3_000;

/**
 * Reads the Redis at an address or, with several addresses, every master of the cluster.
 * Errors: the client's, or a timeout.
 */
export async function askRedis(urls: readonly string[]): Promise<RedisAnswer[]> {
  const client = openRedis(urls);
  let lastError: unknown;
  client.on("error", (error: unknown) => {
    lastError = error;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("no answer in time", { cause: lastError })),
        READY_MS,
      );
      client.once("ready", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const nodes = client instanceof Redis ? [client] : client.nodes("master");
    return await Promise.all(nodes.map(askNode));
  } catch (error) {
    throw lastError instanceof Error ? lastError : error;
  } finally {
    client.disconnect();
  }
}

async function askNode(node: Redis): Promise<RedisAnswer> {
  const address = `${node.options.host ?? ""}:${node.options.port ?? ""}`;
  const info = await node.info();
  const before = Date.now();
  const [seconds, microseconds] = await node.time();
  const after = Date.now();
  return {
    facts: parseInfo(address, info),
    clock: clockAgainst(
      `Redis ${address}`,
      Number(seconds) * 1000 + Number(microseconds) / 1000,
      before,
      after,
    ),
  };
}
