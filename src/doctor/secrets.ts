import { entropyBits, isPublished } from "../secret-strength.ts";
import { fail, type Finding, listed, ok, warn } from "./finding.ts";

/** A secret and its kind; a key can be guessed offline and must therefore be stronger than a password. */
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

/** Checks each secret; the findings never show one. */
export function checkSecrets(secrets: readonly SecretFacts[]): Finding[] {
  const findings: Finding[] = [];
  for (const { name, value, kind } of secrets) {
    const { lengthMin, bitsMin } = DEMANDS[kind];
    const advice = "openssl rand -base64 48";
    if (isPublished(value)) {
      findings.push(fail(`secret ${name}`, "everybody can read it in the project", advice));
    } else if (value.length < lengthMin) {
      findings.push(
        fail(`secret ${name}`, `${value.length} characters, ${lengthMin} are the least`, advice),
      );
    } else if (entropyBits(value) < bitsMin) {
      findings.push(fail(`secret ${name}`, "long, but easy to guess", advice));
    } else if (GUESSABLE.test(value)) {
      findings.push(warn(`secret ${name}`, "looks like text that people type", advice));
    }
  }
  if (findings.length > 0 || secrets.length === 0) return findings;
  return [ok("secrets", `${listed(secrets.map(({ name }) => name))}: none is weak`)];
}

/** Returns the password in an address, or null. */
export function passwordOf(url: string): string | null {
  const { password } = new URL(url);
  return password === "" ? null : decodeURIComponent(password);
}

/** Returns the parts of an address that may be shown: host, port and path. */
export function addressOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === "/" ? "" : pathname}`;
}
