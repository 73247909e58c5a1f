import { hash } from "node:crypto";
import type { CacheEvent } from "../db/cache-events.ts";
import type { CachePolicy, Load } from "./policy.ts";

/** One look-up, as the tiers pass it on. */
export interface Lookup<P, V> {
  readonly policy: CachePolicy<P, V>;
  readonly parameters: P;
  readonly key: string;
  readonly load: Load<V>;
}

/** A value with the etag that distinguishes it from other values of its key. */
export interface Tagged<V> {
  readonly value: V;
  readonly etag: string;
}

const ETAG_LENGTH = 20;

/** Returns the etag of a value's stored form. */
export function etagOf(payload: Buffer): string {
  return hash("sha256", payload, "base64url").slice(0, ETAG_LENGTH);
}

/** Whether an event may change the looked-up value; `value` is undefined while it is being loaded. */
export function affects<P, V>(
  { policy, parameters }: Pick<Lookup<P, V>, "policy" | "parameters">,
  event: CacheEvent,
  value: V | undefined,
): boolean {
  return event.topic === "flush"
    ? event.ref === policy.name
    : policy.isAffected(event, parameters, value);
}
