/** Secrets that stand in other projects' public files, as everybody who guesses knows. Source: Supabase's CLI and self-hosting files, jwt.io. */
const PUBLISHED = [
  "super-secret-jwt-token-with-at-least-32-characters-long",
  "your-super-secret-jwt-token-with-at-least-32-characters-long",
  "your-256-bit-secret",
  "a-string-secret-at-least-256-bits-long",
];

/** Marks secrets that stand in a public file of this project. */
export const DEVELOPMENT_SECRET_MARK = "development-only";

/** Whether everybody can read a secret, or a text that has one in it, in some project's files. */
export function isPublished(text: string): boolean {
  return text.includes(DEVELOPMENT_SECRET_MARK) || PUBLISHED.includes(text);
}

/**
 * An upper estimate of how hard a text is to guess; what repeats or counts on adds nothing.
 * Units: bits.
 * Source: C. E. Shannon, "A Mathematical Theory of Communication" (1948), over the text's own characters.
 */
export function entropyBits(text: string): number {
  const once = text.slice(0, periodOf(text));
  const counts = new Map<string, number>();
  for (const character of once) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let bitsPerCharacter = 0;
  for (const count of counts.values())
    bitsPerCharacter -= (count / length) * Math.log2(count / length);
  let surprising = 0;
  for (let i = 0; i < once.length; i += 1) {
    const step = once.charCodeAt(i) - once.charCodeAt(i - 1);
    const before = once.charCodeAt(i - 1) - once.charCodeAt(i - 2);
    if (i < 2 || step !== before) surprising += 1;
  }
  return surprising * bitsPerCharacter;
}

/** After how many characters a text begins again, also when it ends in the middle; its length when it does not. */
function periodOf(text: string): number {
  for (let period = 1; period <= text.length / 2; period += 1)
    if (text.startsWith(text.slice(period))) return period;
  return text.length;
}
