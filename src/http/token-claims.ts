import { createHash } from "node:crypto";

/** Which `sub` a token may have: a UUID only, or any text, of which a UUID is made. */
export type SubjectKind = "uuid" | "any";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Source: OpenID Connect Core 1.0, section 2 (`sub`). */
const SUBJECT_LENGTH_MAX = 255;
/** Source: RFC 9562, section 6.6. */
const URL_NAMESPACE = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

type Claims = Readonly<Record<string, unknown>>;

/**
 * The user's id as a token says it, in lower case; null when it says none that is accepted.
 * With `any`, a `sub` that is no UUID becomes the UUID v5 of it in the namespace of the token's issuer, which is
 * itself the UUID v5 of `iss` among URLs: the same user of the same issuer always gets the same id.
 * Source: RFC 9562, section 5.5.
 */
export function userIdOf({ sub, iss }: Claims, kind: SubjectKind): string | null {
  if (typeof sub !== "string") return null;
  if (UUID.test(sub)) return sub.toLowerCase();
  if (kind === "uuid" || sub.trim() === "" || sub.length > SUBJECT_LENGTH_MAX) return null;
  return uuidV5(uuidV5(URL_NAMESPACE, typeof iss === "string" ? iss : ""), sub);
}

/**
 * Whether a token has a role: in the claim of that very name, as issuers that use URLs for names have it, or at the
 * dotted path. A list of roles has the role that is in it.
 */
export function hasRole(claims: Claims, claim: string, role: string): boolean {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : valueAt(claims, claim.split("."));
  return value === role || (Array.isArray(value) && value.includes(role));
}

function valueAt(claims: Claims, path: readonly string[]): unknown {
  let at: unknown = claims;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Claims)[name];
  }
  return at;
}

function uuidV5(namespace: string, name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hex.slice(from, to))
    .join("-");
}
