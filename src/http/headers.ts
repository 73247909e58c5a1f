import { randomUUID } from "node:crypto";
import type { AnsweredPart, CacheState } from "../cache/policy.ts";
import type { ContentCoding } from "./compression.ts";

/** On every answer. Source: OWASP REST Security Cheat Sheet, for a server that sends JSON and one plain page. */
export const SECURITY_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["strict-transport-security", "max-age=15552000; includeSubDomains"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
];

/**
 * Who may keep an answer: everybody, who must ask each time whether it still holds (the tag tells), as a write is seen
 * everywhere within a second and the replica itself may take most of that; nobody what a user asked, an error, or an
 * answer that nobody vouches for.
 */
export const PUBLIC_CACHE_CONTROL = "public, no-cache";
export const PRIVATE_CACHE_CONTROL = "no-store";

/** What an answer's bytes depend on beside the URL. */
export const VARY = "trpc-accept, accept, accept-encoding";

const WELL_FORMED_ID = /^[\w.:-]{1,64}$/;

/** The request's id: the caller's when it is well-formed, else a new one. */
export function requestIdFrom(given: string | undefined): string {
  return given !== undefined && WELL_FORMED_ID.test(given) ? given : randomUUID();
}

/** What `x-cache` says of a request: the least fresh of its calls. */
export function cacheStateOf(parts: readonly Pick<AnsweredPart, "state">[]): CacheState {
  for (const state of ["STALE", "MISS", "BYPASS"] as const) {
    if (parts.some((part) => part.state === state)) return state;
  }
  return parts.length > 0 ? "HIT" : "BYPASS";
}

/** A strong validator: the parts' tags, made once an entry, and the coding, as other bytes are another representation. */
export function entityTag(
  parts: readonly { readonly tag: string }[],
  coding: ContentCoding | null,
): string {
  const [first] = parts;
  const tags =
    first !== undefined && parts.length === 1
      ? first.tag
      : // Calls of a batch end in any order.
        parts
          .map(({ tag }) => tag)
          .toSorted()
          .join(".");
  return coding === null ? `"${tags}"` : `"${tags}-${coding}"`;
}

/** Whether the client has this representation already. Source: RFC 9110, section 13.1.2 (weak comparison). */
export function matchesEntityTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === tag);
}
