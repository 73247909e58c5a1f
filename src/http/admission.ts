import type { Arrival } from "./arrival.ts";
import { clientAddress } from "./rate-limit/client-address.ts";
import { addressKey, userKey } from "./rate-limit/key.ts";
import type { RateLimiter, RateLimitVerdict } from "./rate-limit/limiter.ts";
import { BATCH_MAX, costOf, type RequestedCalls } from "./requested-calls.ts";
import type { TokenUser, TokenVerifier } from "./token.ts";
import { trpcErrorBody } from "./trpc-errors.ts";

/** Who calls, and whether the limit lets them. */
export interface Admission {
  readonly verdict: RateLimitVerdict;
  readonly callerKey: string;
  readonly user: TokenUser | null;
  /** Why the token was not accepted; null when it was, or there is none. */
  readonly refusal: unknown;
}

/** What admission needs of the process. */
export interface AdmissionParts {
  readonly limiter: RateLimiter;
  readonly verifyToken: TokenVerifier;
  readonly trustedProxyHops: number;
}

/**
 * Counts a request against its user, or against its address when it has no token, without waiting for anything;
 * null when its token has to be checked first.
 */
export function admitAtOnce(
  parts: AdmissionParts,
  arrival: Arrival,
  procedures: readonly string[],
): Admission | null {
  if (arrival.authorization === undefined) return counted(parts, arrival, procedures, null);
  const user = parts.verifyToken.known(arrival.authorization);
  return user === undefined ? null : counted(parts, arrival, procedures, user);
}

/**
 * Counts a request against its user, or against its address when it has no token or a bad one: guessing tokens is
 * limited like everything else.
 */
export async function admit(
  parts: AdmissionParts,
  arrival: Arrival,
  procedures: readonly string[],
): Promise<Admission> {
  const { authorization } = arrival;
  if (authorization === undefined) return counted(parts, arrival, procedures, null);
  try {
    return counted(parts, arrival, procedures, await parts.verifyToken(authorization));
  } catch (refusal) {
    return { ...counted(parts, arrival, procedures, null), refusal };
  }
}

function counted(
  { limiter, trustedProxyHops }: AdmissionParts,
  { socketAddress, forwardedFor }: Arrival,
  procedures: readonly string[],
  user: TokenUser | null,
): Admission {
  const callerKey =
    user === null
      ? addressKey(clientAddress(socketAddress, forwardedFor, trustedProxyHops))
      : userKey(user.id);
  const verdict = limiter.take(callerKey, costOf(procedures, limiter.limitPerMinute));
  return { verdict, callerKey, user, refusal: null };
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

/** The answer to a request over the limit: one tRPC error, or one for each call of the batch. */
export function rateLimitBody(
  verdict: RateLimitVerdict,
  { procedures, isBatch }: RequestedCalls,
  requestId: string,
): { body: object; status: 429 } {
  const { body } = trpcErrorBody(
    "TOO_MANY_REQUESTS",
    `More than ${verdict.limit} calls in a minute. Please try again in ${verdict.resetSeconds} s.`,
    requestId,
    { retryAfterSeconds: verdict.resetSeconds },
  );
  // A batch that is too long has no calls worth an answer each.
  return { body: isBatch ? procedures.slice(0, BATCH_MAX).map(() => body) : body, status: 429 };
}
