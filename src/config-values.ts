import { z } from "zod";
import { parseDatabaseAddress } from "./db/client/address.ts";
import { parseRedisAddress } from "./redis/address.ts";
import { AddressError } from "./startup-error.ts";

/** A list of texts separated by commas. */
export const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

/** Web addresses separated by commas, which may stand in an address too. */
export const webAddresses = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(/,(?=\s*https?:\/\/)/i)
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  )
  .pipe(
    z.array(
      z
        .url({ protocol: /^https?$/, error: "http(s):// addresses, separated by commas" })
        // fetch refuses them.
        .refine((text) => URL.parse(text)?.username === "", {
          error: "http(s):// addresses without a user and password",
        }),
    ),
  );

/** A text that a parser of addresses accepts. */
const addressFor = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  });
export const postgresUrl = addressFor(parseDatabaseAddress);
export const redisUrls = list.pipe(z.array(addressFor(parseRedisAddress)));
export const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: `a whole number from ${minimum} to ${maximum}` })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(minimum, { error: `a whole number from ${minimum} to ${maximum}` })
        .max(maximum, { error: `a whole number from ${minimum} to ${maximum}` }),
    );
export const flag = z
  .enum(["true", "false"], { error: "true or false" })
  .transform((value) => value === "true");

/** Normalises an origin to the form of browsers: lower case, no trailing slash, no default port. */
export function originOf(text: string, context: z.core.$RefinementCtx): string {
  if (text === "*") return text;
  const url = URL.parse(text);
  const isOrigin =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === "/" &&
    // A pattern must name a domain, not a whole top-level domain.
    (!url.host.includes("*") || /^\*(?:\.[^.*]+){2,}$/.test(url.host));
  if (!isOrigin) {
    context.addIssue({
      code: "custom",
      message:
        "origins such as https://example.com or https://*.example.com, separated by commas, or *",
    });
    return z.NEVER;
  }
  return url.origin;
}
