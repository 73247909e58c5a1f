import { z } from "zod";
import { allOptional, timeZoneName } from "../../trpc/inputs.ts";
import { PUSH_KINDS, PUSH_PLATFORMS } from "../../db/tables/vocabulary.ts";
import { schemaError } from "../../texts/text.ts";

/** A token as Expo's client gives it. Source: expo-server-sdk, `Expo.isExpoPushToken`. */
const token = z
  .string()
  .max(200)
  .regex(/^Expo(?:nent)?PushToken\[[\w-]{1,150}\]$/, { error: schemaError("push_token") });

export const RegisterInput = z.strictObject({
  token,
  platform: z.enum(PUSH_PLATFORMS),
  /** In which quiet hours begin and end. Units: IANA name. */
  timeZone: timeZoneName,
  /** Where the phone is, for warnings about an area: a geohash of five characters, about 5 km. */
  cell5: z
    .string()
    .regex(/^[0-9b-hjkmnp-z]{5}$/, { error: schemaError("geohash5") })
    .nullish(),
});
export type RegisterInput = z.infer<typeof RegisterInput>;
export const RegisterOutput = z.object({ registered: z.literal(true) });

export const UnregisterInput = z.strictObject({ token });
/** Whether the token was the caller's. */
export const UnregisterOutput = z.object({ removed: z.boolean() });

/** Units: a time of day such as `22:30`, in the phone's time zone. */
const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: schemaError("time_of_day") });
const quietHours = z.strictObject({ from: timeOfDay, until: timeOfDay });

export const Preferences = z.strictObject({
  kinds: z.array(z.enum(PUSH_KINDS)),
  /** When nothing is sent; null: never quiet. */
  quietHours: quietHours.nullable(),
  /** Warnings about where the phone is. */
  areas: z.boolean(),
  /** Recalls of favourites, and news of favourite shops. */
  favorites: z.boolean(),
  /** Recalls of products that the user scanned. */
  scannedProducts: z.boolean(),
});
export type Preferences = z.infer<typeof Preferences>;

export const PreferencesInput = allOptional(
  Preferences.extend({ kinds: z.array(z.enum(PUSH_KINDS)).max(PUSH_KINDS.length) }),
).prefault({});
export type PreferencesInput = z.infer<typeof PreferencesInput>;
