import { z } from "zod";
import { schemaError } from "../texts/text.ts";

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
    .refine(isStorable, { error: schemaError("text_not_storable") });

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
    { error: schemaError("name_text", { maximum }) },
  );

/** An address on the web, http or https. Units: UTF-16 code units, at most 500. */
export const webAddress = plainText(500).refine(
  (text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text),
  { error: schemaError("web_address") },
);

/** Whether the runtime knows a time zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** A time zone that the database understands as well. Units: IANA name. */
export const timeZoneName = z
  .string()
  .max(64)
  // PostgreSQL reads `+02:00` with the sign the other way round: only names.
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/, {
    error: schemaError("time_zone_name"),
  })
  .refine(isTimeZone, { error: schemaError("time_zone_unknown") });

/** The input of a procedure that needs none. */
export const NoInput = z.strictObject({}).nullish();

/** `schema.apply(optional)`: a field that may be left out; `null` means the same. */
export const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((given) => given ?? undefined);

/** `schema.apply(byDefault(value))`: a field that has a value where it is left out, or `null`. */
export const byDefault =
  <V>(value: V) =>
  <T extends z.ZodType>(schema: T) =>
    schema
      .nullish()
      .transform((given) => given ?? value)
      .meta({ default: value });

/** The fields of an object for a change: each may be left out, and `null` means the same unless it is a value of the field. */
export function allOptional<S extends z.ZodRawShape>(
  object: z.ZodObject<S>,
): z.ZodObject<{ [K in keyof S]: z.ZodOptional<S[K]> }, z.core.$strict> {
  const fields = Object.entries(object.shape as unknown as Readonly<Record<string, z.ZodType>>).map(
    ([name, field]) => [name, field.safeParse(null).success ? field.optional() : optional(field)],
  );
  // The types of the fields are lost on the way through `entries`.
  return z.strictObject(Object.fromEntries(fields) as never) as never;
}
