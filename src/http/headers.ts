import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { AnsweredPart, CacheState } from "../cache/policy.ts";
import type { ContentCoding } from "./compression.ts";
import type { Language } from "../texts/language.ts";

/** On every answer. Source: OWASP REST Security Cheat Sheet, for a server that sends JSON and one plain page. */
export const SECURITY_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["strict-transport-security", "max-age=15552000; includeSubDomains"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
];

/**
 * Public answers may be stored but must be revalidated by ETag, because a write is visible everywhere within a second.
 * Answers to signed-in users, errors and unconfirmed answers must not be stored.
 */
export const PUBLIC_CACHE_CONTROL = "public, no-cache";
export const PRIVATE_CACHE_CONTROL = "no-store";

/**
 * Answers at addresses of their own are the same for everybody, and may be kept by an edge, which is told by their tags
 * what to drop after a write. Units: seconds.
 */
const EDGE_SECONDS = 300;
const EDGE_CACHE_CONTROL = `public, s-maxage=${EDGE_SECONDS}, stale-while-revalidate=60, stale-if-error=3600`;
/** Such an answer depends on nothing but its address and the coding. */
export const VARY_AT_EDGE = "accept-encoding";

/**
 * Lets an edge keep an answer under tags: Cloudflare reads `cache-tag`, Fastly `surrogate-key`, Varnish `xkey`. An answer
 * that the clock ends is asked for again when its `seconds` are over.
 */
export function edgeHeaders(
  tags: readonly string[],
  seconds: number = EDGE_SECONDS,
): readonly string[] {
  if (seconds <= 0) return ["cache-control", PRIVATE_CACHE_CONTROL];
  const spaced = tags.join(" ");
  const tagged = ["cache-tag", tags.join(","), "surrogate-key", spaced, "xkey", spaced];
  const control =
    seconds >= EDGE_SECONDS
      ? EDGE_CACHE_CONTROL
      : `public, s-maxage=${seconds}, stale-if-error=3600`;
  return ["cache-control", control, ...tagged];
}

/**
 * The headers that an answer depends on beside the URL. `Origin` is always one of them, because with CORS a cache must
 * not give what it has of one origin, or of none, to another; phones send none and share.
 */
export const VARY = "trpc-accept, accept, accept-encoding, origin";
/** The same for answers with texts or names, which depend on the caller's languages. */
export const VARY_BY_LANGUAGE = `${VARY}, accept-language`;

const WELL_FORMED_ID = /^[\w.:-]{1,64}$/;

/** The request's id: the caller's when it is well-formed, else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && WELL_FORMED_ID.test(given) ? given : randomUUID();
}

/** The value of `x-cache`: the least fresh state of the request's calls. */
export function cacheStateOf(parts: readonly Pick<AnsweredPart, "state">[]): CacheState {
  for (const state of ["STALE", "MISS", "BYPASS"] as const) {
    if (parts.some((part) => part.state === state)) return state;
  }
  return parts.length > 0 ? "HIT" : "BYPASS";
}

/**
 * A strong validator: the parts' tags, made once an entry, the language of an answer that has one, and the coding, as
 * other bytes are another representation.
 */
export function entityTag(
  parts: readonly { readonly etag: string }[],
  coding: ContentCoding | null,
  language: Language | null,
): string {
  const [first] = parts;
  const tags =
    first !== undefined && parts.length === 1
      ? first.etag
      : // Calls of a batch end in any order.
        parts
          .map(({ etag }) => etag)
          .toSorted()
          .join(".");
  const inLanguage = language === null ? tags : `${tags}-${language}`;
  return coding === null ? `"${inLanguage}"` : `"${inLanguage}-${coding}"`;
}

/** Whether the client has this representation already. Source: RFC 9110, section 13.1.2 (weak comparison). */
export function matchesEntityTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === tag);
}
