import { randomUUID } from "node:crypto";
import { decodeEntry, encodeEntry, type EntryHeader, type StoredEntry } from "./entry.ts";
import type { RedisGuard } from "./redis.ts";

/** What a look-up in the shared tier found, and whether the caller is now the one who loads. */
export type SharedLookup =
  | { readonly kind: "found"; readonly entry: StoredEntry }
  | { readonly kind: "lease"; readonly token: string }
  | { readonly kind: "taken" }
  | { readonly kind: "away" };

/** The value if there is one, else a lease on loading it: in one round trip. */
const GET_OR_LEASE = `
local value = redis.call('GET', KEYS[1])
if value then return value end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Stores a value and gives the lease back: in one round trip. */
const STORE_AND_RELEASE = `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
return 1`;

/** Longer than any load may take. */
const LEASE_MS = 3500;

/** The cache in Redis that all replicas share. Entries prove their own validity, so nothing here is ever deleted. */
export class RedisTier {
  readonly #redis: RedisGuard;

  constructor(redis: RedisGuard) {
    this.#redis = redis;
  }

  get available(): boolean {
    return this.#redis.available;
  }

  async getOrLease(key: string): Promise<SharedLookup> {
    const token = randomUUID();
    const answer = await this.#redis.call((client) =>
      client.callBuffer("EVAL", GET_OR_LEASE, 2, key, leaseKey(key), token, LEASE_MS),
    );
    if (answer === undefined) return { kind: "away" };
    if (answer === 1) return { kind: "lease", token };
    if (answer === 0) return { kind: "taken" };
    const entry = Buffer.isBuffer(answer) ? decodeEntry(answer) : null;
    // A damaged entry stands in the way of the lease that GET_OR_LEASE gives: ask for that alone.
    return entry === null ? this.lease(key) : { kind: "found", entry };
  }

  /** Becomes the one who loads, though an entry (an outdated or damaged one) lies there. */
  async lease(key: string): Promise<SharedLookup> {
    const token = randomUUID();
    const answer = await this.#redis.call((client) =>
      client.set(leaseKey(key), token, "PX", LEASE_MS, "NX"),
    );
    if (answer === undefined) return { kind: "away" };
    return answer === "OK" ? { kind: "lease", token } : { kind: "taken" };
  }

  async find(key: string): Promise<StoredEntry | null> {
    const answer = await this.#redis.call((client) => client.getBuffer(key));
    return answer === undefined || answer === null ? null : decodeEntry(answer);
  }

  /** Stores an entry; who loaded it with a lease gives that back. Units: milliseconds. */
  async store(
    key: string,
    { header, payload }: { readonly header: EntryHeader; readonly payload: Buffer },
    ttlMs: number,
    lease: string | null,
  ): Promise<void> {
    const entry = encodeEntry(header, payload);
    const restMs = Math.ceil(ttlMs);
    await this.#redis.call((client) =>
      lease === null
        ? client.set(key, entry, "PX", restMs)
        : client.call("EVAL", STORE_AND_RELEASE, 2, key, leaseKey(key), entry, restMs, lease),
    );
  }

  async release(key: string, token: string): Promise<void> {
    await this.#redis.call((client) => client.call("EVAL", RELEASE, 1, leaseKey(key), token));
  }
}

/** In the same cluster slot as the key it guards. */
function leaseKey(key: string): string {
  return `lease:{${key}}`;
}
