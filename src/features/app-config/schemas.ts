import { z } from "zod";
import { schemaError } from "../../texts/text.ts";
import { optional, plainText, webAddress } from "../../trpc/inputs.ts";
import { instantInput } from "../../trpc/instant.ts";

/**
 * A version of the app: the three numbers that Apple's and Google's stores show.
 * Source: Semantic Versioning 2.0.0, item 2; a version without a suffix, because the stores take none.
 */
const version = z.string().regex(/^(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}$/, {
  error: schemaError("app_version"),
});

/** Units: UTF-16 code units, at most 500. */
const httpsAddress = webAddress.refine((text) => /^https:/i.test(text), {
  error: schemaError("https_address"),
});

/** The facts about one platform's app; null where nobody has set them. */
const PlatformConfig = z.object({
  /** An app of an older version must be updated before it is used. */
  minimumVersion: z.string().nullable(),
  /** An app of an older version may be updated. */
  latestVersion: z.string().nullable(),
  /** The app's page in the platform's store. */
  storeUrl: z.string().nullable(),
});

/** The configuration of every app, the same for all callers: all platforms and languages in one answer. */
export const AppConfig = z.object({
  platforms: z.object({ ios: PlatformConfig, android: PlatformConfig }),
  /** Set while the service is being worked on, or is about to be; null else. */
  maintenance: z
    .object({
      /** When it is expected to end; the app shows the message until then, or as long as it is null. Units: ISO 8601, UTC. */
      until: z.iso.datetime().nullable(),
      /** The text for people, in each language of the app. */
      message: z.object({ en: z.string(), fr: z.string(), ar: z.string() }),
    })
    .nullable(),
});
export type AppConfig = z.infer<typeof AppConfig>;

/** A change of one platform; what is left out stays as it is, null empties it. */
const PlatformChange = z.strictObject({
  minimumVersion: version.nullable().optional(),
  latestVersion: version.nullable().optional(),
  storeUrl: httpsAddress.nullable().optional(),
});
export type PlatformChange = z.infer<typeof PlatformChange>;

/** The longest maintenance text. Units: UTF-16 code units. */
const MESSAGE_MAX = 500;

/** The fields that an administrator sets; a field that is left out keeps its value. */
export const UpdateAppConfigInput = z.strictObject({
  platforms: z
    .strictObject({ ios: PlatformChange.apply(optional), android: PlatformChange.apply(optional) })
    .apply(optional),
  /** Announces maintenance, in every language; null ends it. */
  maintenance: z
    .strictObject({
      /** Null or left out: not known. Units: ISO 8601. */
      until: instantInput.nullish(),
      message: z.strictObject({
        en: plainText(MESSAGE_MAX),
        fr: plainText(MESSAGE_MAX),
        ar: plainText(MESSAGE_MAX),
      }),
    })
    .nullable()
    .optional(),
});
export type UpdateAppConfigInput = z.infer<typeof UpdateAppConfigInput>;
