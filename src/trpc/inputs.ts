import { z } from "zod";

/** PostgreSQL keeps no NUL in text, and half a surrogate pair is no character at all. */
const isStorable = (text: string) => !text.includes("\u0000") && text.isWellFormed();

/**
 * Text that can be stored and looked for, trimmed.
 * Units: UTF-16 code units, 1 to `maximum` after trimming.
 */
export const plainText = (maximum: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maximum)
    .refine(isStorable, { error: "has a character that is not text" });

/**
 * Plain text that can be looked up by its normalised form: one letter or digit at least, and not so many ligatures
 * that this form outgrows an index entry (one character can stand for eighteen).
 * Units: UTF-16 code units, 1 to `maximum`, also after NFKC.
 */
export const nameText = (maximum: number) =>
  plainText(maximum).refine(
    (text) => {
      const normalized = text.normalize("NFKC");
      return normalized.length <= maximum && /[\p{L}0-9]/u.test(normalized);
    },
    { error: `needs a letter or a digit, and at most ${maximum} characters without ligatures` },
  );

/** An address on the web, http or https. Units: UTF-16 code units, at most 500. */
export const webAddress = plainText(500).refine(
  (text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text),
  { error: "an address that begins with http:// or https://" },
);

/** The input of a procedure that needs none. */
export const NoInput = z.object({}).nullish();
