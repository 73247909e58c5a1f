import { hash, type webcrypto } from "node:crypto";
import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions, SignJWT } from "jose";
import { AppError } from "../errors.ts";
import { RecentMap } from "../recent-map.ts";
import { createKeySet } from "./key-set.ts";
import { hasRole, type SubjectKind, userIdOf } from "./token-claims.ts";
import { type Text, text } from "../texts/text.ts";

/** The caller, as a valid token names them. */
export interface TokenUser {
  readonly id: string;
  readonly isAdmin: boolean;
}

/** Checks values of the `Authorization` header. */
export interface TokenVerifier {
  /** Errors: UNAUTHORIZED; SERVICE_UNAVAILABLE when keys cannot be fetched. */
  (authorization: string): Promise<TokenUser>;
  /** Returns the user of a value that was verified before and has not expired; synchronous. */
  known(authorization: string): TokenUser | undefined;
}

/** Where keys come from and what claims must say. */
export interface TokenOptions {
  readonly key:
    | { readonly kind: "secret"; readonly secret: string }
    | { readonly kind: "jwks"; readonly url: string };
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly subject: SubjectKind;
  /** The claim that may say `admin`: a name or a dotted path. */
  readonly roleClaim: string;
  readonly now: () => Date;
}

/** Signatures that a key set may use; one of them is bound to each key by its type. */
const JWKS_ALGORITHMS = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(
  " ",
);
/** For `exp` and `nbf`, between the issuer's clock and ours. Source: docs/sign-in.md. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** A key that was withdrawn from a set is believed no longer than this for tokens already seen. */
const REMEMBERED_MS = 60_000;
/**
 * Makes the check of bearer tokens: algorithm fixed, `exp`, `nbf`, `iss`, `aud` and `sub` checked.
 * A key set is fetched at most once a minute, also for key ids that it does not have and while that fails.
 */
export function createTokenVerifier(options: TokenOptions): TokenVerifier {
  const { key, issuer, audience, now } = options;
  const checks = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    requiredClaims: ["sub", "exp"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: now(),
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  });
  let verify: (token: string) => Promise<JWTPayload>;
  if (key.kind === "secret") {
    // Imported once: given as bytes it is imported for each token, which takes as long as the rest of the check.
    let secret: Promise<webcrypto.CryptoKey> | undefined;
    verify = async (token) => {
      secret ??= importSecret(key.secret);
      return (await jwtVerify(token, await secret, checks(["HS256"]))).payload;
    };
  } else {
    const keys = createKeySet(key.url, now);
    verify = async (token) => (await jwtVerify(token, keys, checks(JWKS_ALGORITHMS))).payload;
  }
  const known = new KnownTokens();
  const recognize = (authorization: string): TokenUser | undefined => {
    const found = known.get(authorization);
    return found !== undefined && now().getTime() < found.expiresAtMs ? found.user : undefined;
  };
  const check = async (authorization: string): Promise<TokenUser> => {
    const recognized = recognize(authorization);
    if (recognized !== undefined) return recognized;
    const match = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization);
    if (match?.[1] === undefined) {
      throw invalid(text("token_not_bearer"));
    }
    let payload: JWTPayload;
    try {
      payload = await verify(match[1]);
    } catch (cause) {
      throw refusal(cause);
    }
    const id = userIdOf(payload, options.subject);
    if (id === null) {
      throw invalid(
        options.subject === "uuid" ? text("token_sub_not_uuid") : text("token_sub_not_text"),
      );
    }
    const user = { id, isAdmin: hasRole(payload, options.roleClaim, "admin") };
    const tokenEndsAtMs = (payload.exp ?? 0) * 1000;
    // A secret stays what it is as long as the process runs.
    const expiresAtMs =
      key.kind === "secret"
        ? tokenEndsAtMs
        : Math.min(tokenEndsAtMs, now().getTime() + REMEMBERED_MS);
    known.set(authorization, { user, expiresAtMs });
    return user;
  };
  return Object.assign(check, { known: recognize });
}

function importSecret(secret: string): Promise<webcrypto.CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
}

function refusal(cause: unknown): AppError {
  if (cause instanceof errors.JWTExpired) {
    return new AppError("UNAUTHORIZED", text("token_expired"), {
      cause,
      reason: "token_expired",
    });
  }
  if (cause instanceof errors.JWTClaimValidationFailed)
    return invalid(text("token_claim", { claim: cause.claim }), cause);
  return cause instanceof errors.JOSEError
    ? invalid(text("token_not_valid"), cause)
    : new AppError("SERVICE_UNAVAILABLE", text("tokens_unchecked"), {
        cause,
        retryAfterSeconds: 5,
      });
}

function invalid(text: Text, cause?: unknown): AppError {
  return new AppError("UNAUTHORIZED", text, { cause, reason: "token_invalid" });
}

/** Signs a token for development. Units: `lifetimeSeconds` in seconds. */
export function signToken(
  secret: string,
  user: TokenUser,
  options: {
    readonly lifetimeSeconds: number;
    readonly issuer: string | null;
    readonly audience: string | null;
  },
): Promise<string> {
  const token = new SignJWT(user.isAdmin ? { role: "admin" } : {})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user.id)
    .setIssuedAt()
    .setExpirationTime(`${options.lifetimeSeconds}s`);
  if (options.issuer !== null) token.setIssuer(options.issuer);
  if (options.audience !== null) token.setAudience(options.audience);
  return token.sign(new TextEncoder().encode(secret));
}

/** The user of a verified token, and until when it is valid. */
interface KnownToken {
  readonly user: TokenUser;
  readonly expiresAtMs: number;
}

/** On one instance, the tokens of so many signed-in users are checked once. */
const TOKENS_MAX = 50_000;

/**
 * Tokens that were found good.
 * The key is a token's SHA-256, because a token may have 16 KiB: each of the 50,000 takes the same 250 bytes or so.
 */
class KnownTokens {
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
