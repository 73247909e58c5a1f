/**
 * Brings a code that a person typed or a file holds to plain characters: compatibility forms made one,
 * Arabic-Indic and Persian digits made 0–9, blanks and invisible format characters dropped.
 * Source: Unicode NFKC; the blocks U+0660–0669 and U+06F0–06F9.
 */
export function plainCodeText(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace(/[\s\p{Cf}]/gu, "");
}
