import type { Madhab } from "../../db/tables/vocabulary.ts";
import { parentCodes, plainENumberText, readENumber } from "../../food/e-number.ts";
import type { Additive, AskedAdditive } from "./schemas.ts";

/** A canonical code and those it is a form of, nearest first. Errors: BAD_REQUEST (not an E-number). */
export function answeringCodes(code: string): [string, ...string[]] {
  return [code, ...parentCodes(code)];
}

/** Shows an additive as one caller asked for it: for which code, and by which school if any. */
export function askedAdditive<T extends Additive>(
  additive: T,
  requestedCode: string,
  madhab: Madhab | undefined,
): T & AskedAdditive {
  const ruling = additive.rulings.find((one) => one.madhab === madhab) ?? null;
  return {
    ...additive,
    requestedCode,
    viaParent: additive.code !== requestedCode,
    ruling,
    effectiveStatus: ruling?.halalStatus ?? additive.halalStatus,
  };
}

/** The code, or the beginning of one, that a text looked for is: `e47` for `E-47`; null when it is neither. */
export function searchedCodePrefix(query: string): string | null {
  const reading = readENumber(query);
  if (reading.ok) return reading.eNumber.code.toLowerCase();
  const [, digits] = /^(?:e|ins)?-?([1-9][0-9]?)$/.exec(plainENumberText(query)) ?? [];
  return digits === undefined ? null : `e${digits}`;
}
