import { fail, type Finding, ok, readableBytes, warn } from "./finding.ts";

/** The figures of a Redis node, from INFO. */
export interface RedisFacts {
  readonly address: string;
  readonly version: string;
  readonly policy: string;
  /** 0 means no limit. */
  readonly memoryBytesMax: number;
  readonly memoryBytes: number;
  readonly evictedKeys: number;
  readonly clients: number;
  readonly clientsMax: number;
}

/** Checks that the cache's Redis is bounded and evicts. */
export function checkCacheRedis(facts: RedisFacts): Finding {
  const check = "cache Redis";
  const { address, policy, memoryBytesMax, version } = facts;
  if (memoryBytesMax === 0) {
    return warn(
      check,
      `${address} has no maxmemory: the cache grows until the machine is full`,
      "CONFIG SET maxmemory 256mb (and in its start command)",
    );
  }
  if (policy === "noeviction") {
    return fail(
      check,
      `${address} has maxmemory-policy noeviction: once full it accepts no new entries`,
      "CONFIG SET maxmemory-policy allkeys-lru (and in its start command)",
    );
  }
  return (
    checkConnections(check, facts) ??
    ok(check, `${address}, Redis ${version}, ${policy}, ${memoryText(facts)}`)
  );
}

function checkConnections(check: string, facts: RedisFacts): Finding | null {
  if (facts.clientsMax > 0 && facts.clients > 0.8 * facts.clientsMax) {
    return warn(
      check,
      `${facts.address} has ${facts.clients} of ${facts.clientsMax} clients`,
      "raise maxclients, or look for a leak in CLIENT LIST",
    );
  }
  return null;
}

function memoryText({ memoryBytes, memoryBytesMax, evictedKeys }: RedisFacts): string {
  const limit = memoryBytesMax === 0 ? "no limit" : readableBytes(memoryBytesMax);
  return `${readableBytes(memoryBytes)} of ${limit}, ${evictedKeys} evicted`;
}

/** Parses the answer to INFO. Source: Redis documentation, INFO. */
export function parseInfo(address: string, info: string): RedisFacts {
  const fields = new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
  const number = (name: string) => Number(fields.get(name) ?? 0);
  return {
    address,
    version: fields.get("redis_version") ?? "?",
    policy: fields.get("maxmemory_policy") ?? "?",
    memoryBytesMax: number("maxmemory"),
    memoryBytes: number("used_memory"),
    evictedKeys: number("evicted_keys"),
    clients: number("connected_clients"),
    clientsMax: number("maxclients"),
  };
}
