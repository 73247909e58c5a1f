import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

const FORM = /^g1\.([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.([\w-]{43})$/;

function signatureOf(secret: Buffer, guestId: string): Buffer {
  return createHmac("sha256", secret).update(`guest-1 ${guestId}`).digest();
}

/** Makes an anonymous guest's token: a new random id, and our signature of it. */
export function makeGuestToken(secret: Buffer): string {
  const guestId = randomUUID();
  return `g1.${guestId}.${signatureOf(secret, guestId).toString("base64url")}`;
}

/** Reads the guest's id off a token of ours; null when it is none. */
export function readGuestToken(secret: Buffer, token: string): string | null {
  const match = FORM.exec(token);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const given = Buffer.from(match[2], "base64url");
  const expected = signatureOf(secret, match[1]);
  return given.length === expected.length && timingSafeEqual(given, expected) ? match[1] : null;
}
