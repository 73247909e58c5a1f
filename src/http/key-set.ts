import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
  type LocalJWKSet,
} from "jose";

/** Between two attempts to fetch a key set, whether the first of them worked or not. */
const ATTEMPT_INTERVAL_MS = 60_000;
/** A key set this old is fetched again before it is used; if that fails it is used all the same. */
const FRESH_MS = 600_000;
const FETCH_TIMEOUT_MS = 2_000;

/**
 * Makes the look-up of keys in a key set elsewhere. It is fetched when it is first needed, when it has grown old, and for
 * a key id that it does not have, but at most once a minute; while that fails the last good one is used.
 * Errors: JWKSNoMatchingKey and others of jose's; Error when no answer can be given without a fetch that failed.
 */
export function createKeySet(url: string, now: () => Date): JWTVerifyGetKey {
  let keys: LocalJWKSet | undefined;
  let fetchedAtMs = -Infinity;
  let attemptedAtMs = -Infinity;
  let failure: Error | undefined;
  let attempt: Promise<void> | undefined;

  const fetchKeys = async (): Promise<void> => {
    try {
      keys = createLocalJWKSet(await fetchKeySet(url));
      fetchedAtMs = attemptedAtMs;
      failure = undefined;
    } catch (cause) {
      failure = new Error("the key set cannot be fetched", { cause });
    } finally {
      attempt = undefined;
    }
  };
  /** Gives the attempt that is under way, or makes one if the last is a minute ago. */
  const refresh = (): Promise<void> | undefined => {
    const nowMs = now().getTime();
    if (attempt !== undefined || nowMs - attemptedAtMs < ATTEMPT_INTERVAL_MS) return attempt;
    attemptedAtMs = nowMs;
    attempt = fetchKeys();
    return attempt;
  };

  return async (header, token) => {
    if (keys === undefined || now().getTime() - fetchedAtMs >= FRESH_MS) await refresh();
    if (keys === undefined) throw failure ?? new Error("there is no key set");
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const tried = keys;
      await refresh();
      if (keys !== tried) return await keys(header, token);
      // The key may be a new one: nobody can tell.
      throw failure ?? error;
    }
  };
}

async function fetchKeySet(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: "application/json, application/jwk-set+json" },
    redirect: "manual",
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the key set's server answered with ${response.status}`);
  }
  const { keys } = (await response.json()) as JSONWebKeySet;
  return { keys: keys.map(anyNameOfEd25519) };
}

/**
 * Takes away by which of its two names an Ed25519 key calls its algorithm, because a token may use the other one.
 * Source: RFC 9864, section 2.2 (`Ed25519` replaces `EdDSA`).
 */
function anyNameOfEd25519(key: JWK): JWK {
  if (key.crv !== "Ed25519") return key;
  const { alg, ...rest } = key;
  return alg === "EdDSA" || alg === "Ed25519" ? rest : key;
}
