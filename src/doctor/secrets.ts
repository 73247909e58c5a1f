import { DEVELOPMENT_SECRET_MARK } from "../config.ts";
import { fail, type Finding, listed, ok, warn } from "./finding.ts";

/** A secret and what it protects: a key that is guessed offline must be stronger than a password. */
export interface SecretFacts {
  readonly name: string;
  readonly value: string;
  readonly kind: "key" | "password";
}

const DEMANDS = {
  key: { lengthMin: 32, bitsMin: 100 },
  password: { lengthMin: 12, bitsMin: 40 },
} as const;
const GUESSABLE = /secret|passw|changeme|change-me|example|default|qwerty|letmein/i;

/**
 * An upper estimate of how hard a text is to guess; what repeats or counts on adds nothing.
 * Units: bits.
 * Source: C. E. Shannon, "A Mathematical Theory of Communication" (1948), over the text's own characters.
 */
export function entropyBits(text: string): number {
  const repeated = /^(.+?)\1+$/s.exec(text)?.[1] ?? text;
  const counts = new Map<string, number>();
  for (const character of repeated) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let bitsPerCharacter = 0;
  for (const count of counts.values())
    bitsPerCharacter -= (count / length) * Math.log2(count / length);
  let surprising = 0;
  for (let i = 0; i < repeated.length; i += 1) {
    const step = repeated.charCodeAt(i) - repeated.charCodeAt(i - 1);
    const before = repeated.charCodeAt(i - 1) - repeated.charCodeAt(i - 2);
    if (i < 2 || step !== before) surprising += 1;
  }
  return surprising * bitsPerCharacter;
}

/** Checks each secret; the findings never show one. */
export function checkSecrets(secrets: readonly SecretFacts[]): Finding[] {
  const findings: Finding[] = [];
  for (const { name, value, kind } of secrets) {
    const { lengthMin, bitsMin } = DEMANDS[kind];
    const advice = "openssl rand -base64 48";
    if (value.includes(DEVELOPMENT_SECRET_MARK)) {
      findings.push(fail(`secret ${name}`, "everybody can read it in the project", advice));
    } else if (value.length < lengthMin) {
      findings.push(
        fail(`secret ${name}`, `${value.length} characters, ${lengthMin} are the least`, advice),
      );
    } else if (entropyBits(value) < bitsMin) {
      findings.push(fail(`secret ${name}`, "long, but easy to guess", advice));
    } else if (GUESSABLE.test(value)) {
      findings.push(warn(`secret ${name}`, "reads like something that people type", advice));
    }
  }
  if (findings.length > 0 || secrets.length === 0) return findings;
  return [ok("secrets", `${listed(secrets.map(({ name }) => name))}: none is weak`)];
}

/** The password in an address; null when it has none. */
export function passwordOf(url: string): string | null {
  const { password } = new URL(url);
  return password === "" ? null : decodeURIComponent(password);
}

/** An address as it may be shown: host, port and path. */
export function addressOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === "/" ? "" : pathname}`;
}
