import type { CallerHints } from "./caller.ts";
import { clientAddress } from "./rate-limit/client-address.ts";
import { addressKey, userKey, usersOfAddressKey } from "./rate-limit/key.ts";
import type { RateLimiter, RateLimitVerdict } from "./rate-limit/limiter.ts";
import type { TokenUser, TokenVerifier } from "./token.ts";

/** The caller of a request, and whether the limit admits its calls. */
export interface Admission {
  readonly verdict: RateLimitVerdict;
  readonly callerKey: string;
  readonly user: TokenUser | null;
  /** The error of a token that was not accepted; null without one. */
  readonly tokenError: unknown;
}

/** Dependencies of admission. */
export interface AdmissionParts {
  readonly limiter: RateLimiter;
  readonly verifyToken: TokenVerifier;
  readonly trustedProxyHops: number;
  /** For all signed-in users of one address together. Units: calls a minute. */
  readonly limitPerAddress: number;
}

/**
 * Counts a request against its user, or against its address when it has no token, without waiting for anything;
 * returns null when the token has to be checked first. Units: `cost` in calls.
 */
export function tryAdmitSync(
  parts: AdmissionParts,
  caller: CallerHints,
  cost: number,
): Admission | null {
  if (caller.authorization === undefined) return counted(parts, caller, cost, null);
  const user = parts.verifyToken.known(caller.authorization);
  return user === undefined ? null : counted(parts, caller, cost, user);
}

/**
 * Checks the token and counts a request against its user and the users of its address, or against its address when it has no token or a bad one,
 * because guessing tokens is limited like everything else. Units: `cost` in calls.
 */
export async function admit(
  parts: AdmissionParts,
  caller: CallerHints,
  cost: number,
): Promise<Admission> {
  const { authorization } = caller;
  if (authorization === undefined) return counted(parts, caller, cost, null);
  let user: TokenUser;
  try {
    user = await parts.verifyToken(authorization);
  } catch (tokenError) {
    return { ...counted(parts, caller, cost, null), tokenError };
  }
  return counted(parts, caller, cost, user);
}

function counted(
  { limiter, trustedProxyHops, limitPerAddress }: AdmissionParts,
  { socketAddress, forwardedFor }: CallerHints,
  cost: number,
  user: TokenUser | null,
): Admission {
  const address = clientAddress(socketAddress, forwardedFor, trustedProxyHops);
  const callerKey = user === null ? addressKey(address) : userKey(user.id);
  // Users are made for nothing: without this, one machine with 300 of them has 300 times the limit.
  const shared =
    user === null
      ? undefined
      : { key: usersOfAddressKey(address), limitPerMinute: limitPerAddress };
  return { verdict: limiter.take(callerKey, cost, shared), callerKey, user, tokenError: null };
}

/**
 * The fields that tell a caller about the limit: names and values in turn.
 * Source: draft-ietf-httpapi-ratelimit-headers-06 (three fields and a policy), the form that clients read today.
 */
export function rateLimitHeaders(verdict: RateLimitVerdict): string[] {
  const headers = [
    "ratelimit-policy",
    `${verdict.limit};w=60`,
    "ratelimit-limit",
    String(verdict.limit),
    "ratelimit-remaining",
    String(verdict.remaining),
    "ratelimit-reset",
    String(verdict.resetSeconds),
  ];
  if (!verdict.allowed) headers.push("retry-after", String(verdict.resetSeconds));
  return headers;
}
