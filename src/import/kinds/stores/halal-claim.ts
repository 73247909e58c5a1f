import type { HalalClaim } from "../../../db/tables/vocabulary.ts";
import { plainText } from "../fields.ts";

/** A source's claim about halal food; null when it makes none that is understood. */
export type WrittenClaim = HalalClaim | "no" | null;

/** Keys that claims are written under, the surest first. */
const CLAIM_KEYS = ["diet:halal", "halal", "diet:Halal", "food:halal"];

const CLAIM_BY_WORD: ReadonlyMap<string, WrittenClaim> = new Map<string, WrittenClaim>([
  ...[
    "only",
    "exclusive",
    "exclusively",
    "all",
    "100%",
    "fully",
    "full",
    "halal only",
    "only halal",
  ].map((word) => [word, "only"] as const),
  ...[
    "yes",
    "y",
    "true",
    "t",
    "1",
    "halal",
    "oui",
    "sí",
    "si",
    "ja",
    "evet",
    "ya",
    "نعم",
    "حلال",
  ].map((word) => [word, "yes"] as const),
  ...[
    "limited",
    "some",
    "partial",
    "partially",
    "partly",
    "on request",
    "on demand",
    "options",
    "few",
  ].map((word) => [word, "limited"] as const),
  ...[
    "no",
    "n",
    "false",
    "f",
    "0",
    "none",
    "non",
    "never",
    "not halal",
    "non halal",
    "nein",
    "hayır",
    "لا",
  ].map((word) => [word, "no"] as const),
]);

/**
 * Reads what a place's source says about halal food, in any usual spelling (`True`, `1`, `YES`, `halal=yes`,
 * `yes;only`). Of several words that agree the most precise counts, `limited` before `yes`; with `no` beside another
 * they say nothing.
 * Source: OSM wiki, Key:diet:halal.
 */
export function readHalalClaim(tags: Readonly<Record<string, unknown>>): WrittenClaim {
  for (const key of CLAIM_KEYS) {
    const claim = readClaim(tags[key]);
    if (claim !== null) return claim;
  }
  return null;
}

function readClaim(value: unknown): WrittenClaim {
  const text = typeof value === "boolean" ? String(value) : plainText(value);
  const claims = new Set(
    (text ?? "")
      .normalize("NFKC")
      .toLowerCase()
      .split(/[;,/|&]/)
      .map((word) =>
        word
          .replace(/^\s*"|"\s*$/g, "")
          .replace(/^.*[=:]/, "")
          .replaceAll(/[_\s-]+/g, " ")
          .trim(),
      )
      .map((word) => CLAIM_BY_WORD.get(word) ?? null)
      .filter((claim) => claim !== null),
  );
  if (claims.has("no")) return claims.size === 1 ? "no" : null;
  const order: readonly HalalClaim[] = claims.has("limited") ? ["limited"] : ["only", "yes"];
  return order.find((claim) => claims.has(claim)) ?? null;
}
