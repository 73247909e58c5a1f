import { z } from "zod";
import {
  DELIVERY_STATES,
  FAVORITE_KINDS,
  HALAL_STATUSES,
  PUSH_KINDS,
  PUSH_PLATFORMS,
} from "../../db/tables/vocabulary.ts";

/** Units: ISO 8601, UTC. */
const instant = z.iso.datetime();
const count = z.int().min(0);

/** Everything that is kept about a user, in no pages; the newest first. */
export const Export = z.object({
  userId: z.string(),
  exportedAt: instant,
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
      createdAt: instant,
      lastAddedAt: instant,
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

/** How many scans, favourites and read alerts are gone; nothing else of the caller's is left either. */
export const EraseOutput = z.object({ scans: count, favorites: count, alertReads: count });
export type EraseOutput = z.infer<typeof EraseOutput>;
