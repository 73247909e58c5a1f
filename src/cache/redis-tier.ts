import { randomUUID } from "node:crypto";
import { decodeEntry, encodeEntry, type EntryHeader, type StoredEntry } from "./entry.ts";
import { Lease, LEASE_MS } from "./lease.ts";
import type { RedisBreaker } from "../redis/circuit-breaker.ts";

/** What a look-up in the shared tier found, and whether the caller is now the one who loads. */
export type SharedLookup =
  /** `entry` is null when it is damaged; `mark` tells it from others. */
  | { readonly kind: "found"; readonly entry: StoredEntry | null; readonly mark: Buffer }
  | { readonly kind: "lease"; readonly lease: Lease }
  | { readonly kind: "taken" }
  | { readonly kind: "away" };

/** The value if there is one other than the caller knows, else a lease on loading it: in one round trip. */
const GET_OR_LEASE = `
local value = redis.call('GET', KEYS[1])
if value and (not ARGV[3] or string.sub(value, 1, #ARGV[3]) ~= ARGV[3]) then return value end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`;

/** Takes it again, too, when it lapsed and nobody else has it. */
const RENEW = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Stores a value and gives the lease back: in one round trip. */
const STORE_AND_RELEASE = `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
return 1`;

/** An entry's magic and checksum. */
const MARK_BYTES = 8;

/** The cache in Redis that all replicas share. Entries prove their own validity, so nothing here is ever deleted. */
export class RedisTier {
  readonly #redis: RedisBreaker;

  constructor(redis: RedisBreaker) {
    this.#redis = redis;
  }

  get available(): boolean {
    return this.#redis.available;
  }

  /** Finds an entry other than the one that `known` marks, or becomes the one who loads. */
  async getOrLease(key: string, known: Buffer | null): Promise<SharedLookup> {
    const token = randomUUID();
    const askedAt = performance.now();
    const answer = await this.#redis.call((client) =>
      client.callBuffer(
        "EVAL",
        GET_OR_LEASE,
        2,
        key,
        leaseKey(key),
        token,
        LEASE_MS,
        ...(known === null ? [] : [known]),
      ),
    );
    if (answer === 1) {
      const renew = (mine: string) => this.#renew(key, mine);
      return { kind: "lease", lease: new Lease(token, askedAt, renew) };
    }
    if (answer === 0) return { kind: "taken" };
    if (!Buffer.isBuffer(answer)) return { kind: "away" };
    return { kind: "found", entry: decodeEntry(answer), mark: answer.subarray(0, MARK_BYTES) };
  }

  /** Stores an entry; who loaded it with a lease gives that back. Units: milliseconds. */
  async store(
    key: string,
    { header, payload }: { readonly header: EntryHeader; readonly payload: Buffer },
    ttlMs: number,
    lease: Lease | null,
  ): Promise<void> {
    const entry = encodeEntry(header, payload);
    const restMs = Math.ceil(ttlMs);
    lease?.end();
    await this.#redis.call((client) =>
      lease === null
        ? client.set(key, entry, "PX", restMs)
        : client.call("EVAL", STORE_AND_RELEASE, 2, key, leaseKey(key), entry, restMs, lease.token),
    );
  }

  async release(key: string, lease: Lease): Promise<void> {
    lease.end();
    await this.#redis.call((client) => client.call("EVAL", RELEASE, 1, leaseKey(key), lease.token));
  }

  /** False when somebody else has the lease. */
  async #renew(key: string, token: string): Promise<boolean> {
    const answer = await this.#redis.call((client) =>
      client.call("EVAL", RENEW, 1, leaseKey(key), token, LEASE_MS),
    );
    return answer !== 0;
  }
}

/** In the same cluster slot as the key it guards. */
function leaseKey(key: string): string {
  return `lease:{${key}}`;
}
