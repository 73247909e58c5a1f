import { z } from "zod";
import {
  ALLERGENS,
  DELIVERY_STATES,
  FAVORITE_KINDS,
  HALAL_STATUSES,
  MADHABS,
  PUSH_KINDS,
  PUSH_PLATFORMS,
  REPORT_KINDS,
} from "../../db/tables/vocabulary.ts";
import { readENumber } from "../../food/e-number.ts";
import { optional } from "../../trpc/inputs.ts";
import { schemaError } from "../../texts/text.ts";

/** Units: ISO 8601, UTC. */
const instant = z.iso.datetime();
const count = z.int().min(0);

/** An additive as people write it, read as canonical E-number. */
const additive = z
  .string()
  .max(40)
  .transform((text, context) => {
    const reading = readENumber(text);
    if (reading.ok) return reading.eNumber.code;
    const params = { reason: "e_number_unreadable", text: reading.text };
    context.addIssue({ code: "custom", params });
    return z.NEVER;
  });

/** Statements of users about themselves; their scans follow them. */
export const Profile = z.object({
  /** Null: the general rulings. */
  madhab: z.enum(MADHABS).nullable(),
  /** The preferred first. Units: BCP 47. */
  languages: z.array(z.string()),
  allergens: z.array(z.enum(ALLERGENS)),
  /** False: scans tell nothing of boycotts. */
  avoidBoycotted: z.boolean(),
  /** Canonical E-numbers; each stands for its forms, too. */
  avoidAdditives: z.array(z.string()),
});
export type Profile = z.infer<typeof Profile>;

/** Fields that are left out stay as they are; a list replaces the one before. */
export const UpdateProfileInput = z.strictObject({
  /** Null: the general rulings again. */
  madhab: z.enum(MADHABS).nullable().optional(),
  languages: z
    .array(
      z
        .string()
        .max(35)
        .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, { error: schemaError("language_tag") }),
    )
    .max(10)
    .apply(optional),
  allergens: z.array(z.enum(ALLERGENS)).max(50).apply(optional),
  avoidBoycotted: z.boolean().apply(optional),
  avoidAdditives: z.array(additive).max(200).apply(optional),
});
export type UpdateProfileInput = z.infer<typeof UpdateProfileInput>;

/** Everything that is kept about a user, in no pages; the newest scans, favourites and reports first. */
export const Export = z.object({
  userId: z.string(),
  exportedAt: instant,
  /** Null when nothing was said. */
  profile: Profile.extend({ updatedAt: instant }).nullable(),
  /** Null: the defaults. */
  pushPreferences: z
    .object({
      kinds: z.array(z.enum(PUSH_KINDS)),
      /** Units: minutes of the day. */
      quietFromMinute: z.int().nullable(),
      /** Units: minutes of the day. */
      quietUntilMinute: z.int().nullable(),
      areas: z.boolean(),
      favorites: z.boolean(),
      scannedProducts: z.boolean(),
    })
    .nullable(),
  scans: z.array(
    z.object({
      id: z.guid(),
      /** Canonical GTIN-14. */
      barcode: z.string(),
      scannedAt: instant,
      recordedAt: instant,
      /** Units: WGS 84 decimal degrees. */
      latitude: z.number().nullable(),
      /** Units: WGS 84 decimal degrees. */
      longitude: z.number().nullable(),
      halalStatus: z.enum(HALAL_STATUSES),
      /** Units: 0–1. */
      confidence: z.number(),
      reasons: z.array(z.object({ code: z.string(), message: z.string(), source: z.string() })),
    }),
  ),
  favorites: z.array(
    z.object({
      kind: z.enum(FAVORITE_KINDS),
      id: z.guid(),
      /** Of a product that was saved by it. Units: canonical GTIN-14. */
      barcode: z.string().nullable(),
      createdAt: instant,
      lastAddedAt: instant,
    }),
  ),
  reports: z.array(
    z.object({
      id: z.guid(),
      kind: z.enum(REPORT_KINDS),
      /** Canonical GTIN-14; null for a store. */
      barcode: z.string().nullable(),
      storeId: z.guid().nullable(),
      text: z.string().nullable(),
      proposed: z.record(z.string(), z.unknown()).nullable(),
      createdAt: instant,
    }),
  ),
  alertReads: z.array(z.object({ alertId: z.guid(), readAt: instant })),
  /** Kept for six months, so that what is sent late does not bring them back. */
  removedScans: z.array(z.object({ id: z.guid(), removedAt: instant })),
  /** Kept as long from `recordedAt` on; `removedAt` is by the phone's clock. */
  removedFavorites: z.array(
    z.object({
      kind: z.enum(FAVORITE_KINDS),
      id: z.guid(),
      removedAt: instant,
      recordedAt: instant,
    }),
  ),
  devices: z.array(
    z.object({
      token: z.string(),
      platform: z.enum(PUSH_PLATFORMS),
      timeZone: z.string(),
      /** About where it was: a geohash of five characters. */
      cell5: z.string().nullable(),
      isEnabled: z.boolean(),
      registeredAt: instant,
      seenAt: instant,
    }),
  ),
  /** Push notifications of the last 30 days. */
  deliveries: z.array(
    z.object({
      notificationId: z.guid(),
      token: z.string(),
      state: z.enum(DELIVERY_STATES),
      sentAt: instant.nullable(),
      error: z.string().nullable(),
    }),
  ),
});
export type Export = z.infer<typeof Export>;

/** How many scans, favourites, read alerts and reports are gone; nothing else of the caller's is left either. */
export const EraseOutput = z.object({
  scans: count,
  favorites: count,
  alertReads: count,
  reports: count,
});
export type EraseOutput = z.infer<typeof EraseOutput>;
