import { hash } from "node:crypto";
import { RecentMap } from "../recent-map.ts";
import type { TokenUser } from "./token.ts";

/** The user of a verified token, and until when it is valid. */
export interface KnownToken {
  readonly user: TokenUser;
  readonly expiresAtMs: number;
}

/** On one instance, the tokens of so many signed-in users are checked once. */
const TOKENS_MAX = 50_000;

/**
 * Tokens that were found good.
 * The key is a token's SHA-256, because a token may have 16 KiB: each of the 50,000 takes the same 250 bytes or so.
 */
export class KnownTokens {
  readonly #tokens = new RecentMap<string, KnownToken>(TOKENS_MAX);

  get(authorization: string): KnownToken | undefined {
    return this.#tokens.get(keyOf(authorization));
  }

  set(authorization: string, token: KnownToken): void {
    this.#tokens.set(keyOf(authorization), token);
  }
}

function keyOf(authorization: string): string {
  return hash("sha256", authorization, "base64");
}
