import { randomUUID } from "node:crypto";
import { decodeEntry, encodeEntry, type EntryHeader, type StoredEntry } from "./entry.ts";
import { type Lease, Leases, type RenewLease } from "./lease.ts";
import type { RedisBreaker } from "../redis/circuit-breaker.ts";

/** The result of a look-up in the shared tier; with a lease, the caller loads the value. */
export type SharedLookup =
  /** `entry` is null when the bytes are damaged; `mark` distinguishes the entry from others of its key. */
  | { readonly kind: "found"; readonly entry: StoredEntry | null; readonly mark: Buffer }
  | { readonly kind: "lease"; readonly lease: Lease }
  | { readonly kind: "taken" }
  | { readonly kind: "unavailable" };

/** Returns the value, unless the caller knows it already, else takes the lease; in one round trip. */
const GET_OR_LEASE = `
local value = redis.call('GET', KEYS[1])
if value and (not ARGV[3] or string.sub(value, 1, #ARGV[3]) ~= ARGV[3]) then return value end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`;

/** Also re-acquires a lease that expired, if no other instance has it. */
const RENEW = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Stores a value and releases the lease; in one round trip. */
const STORE_AND_RELEASE = `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
return 1`;

/** The length of an entry's magic and checksum. */
const MARK_BYTES = 8;

/** The tier in Redis that all instances share. Readers check each entry's validity, so nothing is ever deleted. */
export class RedisTier {
  readonly #redis: RedisBreaker;
  readonly #leases = new Leases();

  constructor(redis: RedisBreaker) {
    this.#redis = redis;
  }

  get available(): boolean {
    return this.#redis.available;
  }

  /** Returns an entry other than the one that `known` marks, or a lease to load one. */
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
        this.#leases.lastsMs,
        ...(known === null ? [] : [known]),
      ),
    );
    if (answer === 1) {
      const renew: RenewLease = (mine, lastsMs) => this.#renew(key, mine, lastsMs);
      return { kind: "lease", lease: this.#leases.keep(token, askedAt, renew) };
    }
    if (answer === 0) return { kind: "taken" };
    if (!Buffer.isBuffer(answer)) return { kind: "unavailable" };
    return { kind: "found", entry: decodeEntry(answer), mark: answer.subarray(0, MARK_BYTES) };
  }

  /** Stores an entry and releases the lease, if there is one. Units: milliseconds. */
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

  /** Returns false when another instance has the lease. */
  async #renew(key: string, token: string, lastsMs: number): Promise<boolean> {
    const answer = await this.#redis.call((client) =>
      client.call("EVAL", RENEW, 1, leaseKey(key), token, lastsMs),
    );
    return answer !== 0;
  }
}

/** The lease's key, in the same cluster slot as the entry's key. */
function leaseKey(key: string): string {
  return `lease:{${key}}`;
}
