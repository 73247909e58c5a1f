const DECIMAL_DIGIT = /\p{Nd}/u;
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu;

/** The value of a decimal digit of any script. Source: Unicode, decimal digits come in runs of ten from zero up. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let runStart = code;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(runStart - 1))) runStart -= 1;
  return String((code - runStart) % 10);
}

/** A text in compatibility form (NFKC), with the digits of every script made 0–9. */
export function plainDigits(text: string): string {
  return text.normalize("NFKC").replace(OTHER_DIGITS, digitValue);
}

/**
 * Brings a code that a person typed or a file holds to plain characters: compatibility forms made one, digits of
 * every script made 0–9, blanks and invisible format characters dropped.
 * Source: Unicode NFKC; the general categories Nd and Cf.
 */
export function plainCodeText(text: string): string {
  return plainDigits(text).replace(/[\s\p{Cf}]/gu, "");
}
