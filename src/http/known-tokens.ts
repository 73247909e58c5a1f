import { hash } from "node:crypto";
import type { TokenUser } from "./token.ts";

/** Whom a token belongs to, and how long that is believed. */
export interface KnownToken {
  readonly user: TokenUser;
  readonly expiresAtMs: number;
}

/** Tokens in each of two halves: on one instance, those of 50,000 signed-in users are checked once. */
const GENERATION_MAX = 25_000;

/**
 * Tokens that were found good; the longest unused half is forgotten when there are too many.
 * The key is a token's SHA-256, because a token may have 16 KiB: each of the 50,000 takes the same 250 bytes or so.
 */
export class KnownTokens {
  #young = new Map<string, KnownToken>();
  #old = new Map<string, KnownToken>();

  get(authorization: string): KnownToken | undefined {
    const key = keyOf(authorization);
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old;
  }

  set(authorization: string, token: KnownToken): void {
    this.#keep(keyOf(authorization), token);
  }

  #keep(key: string, token: KnownToken): void {
    this.#old.delete(key);
    this.#young.set(key, token);
    if (this.#young.size < GENERATION_MAX) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}

function keyOf(authorization: string): string {
  return hash("sha256", authorization, "base64");
}
