import { z } from "zod";
import { HALAL_CLAIMS, STORE_TYPES } from "../../db/tables/vocabulary.ts";
import {
  allOptional,
  byDefault,
  isTimeZone,
  nameText,
  optional,
  plainText,
  webAddress,
} from "../../trpc/inputs.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { localeInput as locale } from "../../trpc/languages.ts";
import { schemaError } from "../../texts/text.ts";

/** Units: WGS 84 decimal degrees. */
const latitude = z.number().min(-90).max(90);
/** Units: WGS 84 decimal degrees. */
const longitude = z.number().min(-180).max(180);
const storeType = z.enum(STORE_TYPES);

/** A certifier's slug. */
const certifierId = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: schemaError("certifier_id") });

/** Which stores a list is about; several filters have to pass all. */
const filters = {
  storeType: storeType.apply(optional),
  /** True: stores with `halalCertified`; false: all. */
  halalCertifiedOnly: z.boolean().apply(byDefault(false)),
  /** Stores of one of these certifiers, by the `id` of `certifier.list`. Units: ids, 1–20. */
  certifierIds: z.array(certifierId).min(1).max(20).apply(optional),
  /** Stores that are rated, and not lower. Units: stars, 0–5. */
  minRating: z.number().min(0).max(5).apply(optional),
  /** True: stores that are known to be open at the moment of the call, on their own clock; false: all. */
  openNow: z.boolean().apply(byDefault(false)),
  /** Stores whose source says one of these about halal food: all of it, some, little. Units: claims, 1–3. */
  halalClaim: z.array(z.enum(HALAL_CLAIMS)).min(1).max(HALAL_CLAIMS.length).apply(optional),
};

const around = z.strictObject({
  latitude,
  longitude,
  /** How far from the position a store may be. Units: kilometres, 0.1–50. */
  radiusKm: z.number().min(0.1).max(50).apply(byDefault(5)),
  ...filters,
  locale,
});

export const NearbyInput = around.extend({ limit: z.int().min(1).max(100).apply(byDefault(20)) });
export type NearbyInput = z.infer<typeof NearbyInput>;

export const MarkersInput = around.extend({ limit: z.int().min(1).max(500).apply(byDefault(100)) });
export type MarkersInput = z.infer<typeof MarkersInput>;

/** Units: metres along the WGS 84 geodesic, rounded to 0.1. */
const distance = z.number().min(0);

/** The columns that a list shows; those of a marker come first, as in a cell's entry. */
export const StoreSummary = z.object({
  id: z.uuid(),
  /** In the first wanted language that it has a name in, else, and in `store.list`, as its sign has it. */
  name: z.string(),
  latitude,
  longitude,
  storeType,
  /** Whether it is certified; `certifierId` may be null all the same. */
  halalCertified: z.boolean(),
  address: z.string().nullable(),
  city: z.string().nullable(),
  postalCode: z.string().nullable(),
  /** ISO 3166-1 alpha-2. */
  country: z.string().nullable(),
  phone: z.string().nullable(),
  website: z.string().nullable(),
  imageUrl: z.string().nullable(),
  /** Of `certifier.byId`; null where no certifier is named. */
  certifierId: z.string().nullable(),
  /** Null without a rating. Units: stars, 0–5. */
  averageRating: z.number().min(0).max(5).nullable(),
  /** The source's statement about halal food: all of it (`only`), some (`yes`), little (`limited`); null: nothing. */
  halalClaim: z.enum(HALAL_CLAIMS).nullable(),
  certifierName: z.string().nullable(),
  reviewCount: z.int().min(0),
});
export type StoreSummary = z.infer<typeof StoreSummary>;

/** The opening state at the moment of the call, on the store's own clock. */
const opening = {
  /** Null when its hours are not known or not understood. */
  isOpenNow: z.boolean().nullable(),
  /** When a closed store opens; null for an open one, if it is not known, or later than in two weeks. Units: ISO 8601, UTC. */
  opensAt: z.iso.datetime().nullable(),
  /** When an open store closes; null as `opensAt`, and for a closed one. Units: ISO 8601, UTC. */
  closesAt: z.iso.datetime().nullable(),
};

export const NearbyStore = StoreSummary.extend({ ...opening, distance });
export type NearbyStore = z.infer<typeof NearbyStore>;
export const NearbyOutput = z.object({ items: z.array(NearbyStore) });
export type NearbyOutput = z.infer<typeof NearbyOutput>;

export const StoreMarker = StoreSummary.pick({
  id: true,
  name: true,
  latitude: true,
  longitude: true,
  storeType: true,
  halalCertified: true,
}).extend({ distance });
export type StoreMarker = z.infer<typeof StoreMarker>;
export const MarkersOutput = z.object({ items: z.array(StoreMarker) });
export type MarkersOutput = z.infer<typeof MarkersOutput>;

export const StoreIdInput = z.strictObject({ id: z.uuid() });

export const ByIdInput = StoreIdInput.extend({ locale });

/** Where a row came from, as its licence asks to be told. */
const attribution = z.object({
  name: z.string(),
  licence: z.string(),
  /** The words to show beside the row. */
  attribution: z.string(),
  url: z.string().nullable(),
});

/** Every column of a store. */
export const Store = StoreSummary.extend({
  /** As its sign has it, in whatever language `name` is. */
  mainName: z.string(),
  /** By BCP 47 tag. */
  names: z.record(z.string(), z.string()),
  /** Brands, old, short and official names, which say no language. */
  otherNames: z.array(z.string()),
  description: z.string().nullable(),
  /** OSM `opening_hours` syntax, on the clock of `timeZone`; null: not known. */
  openingHours: z.string().nullable(),
  /** IANA name. */
  timeZone: z.string(),
  source: z.string(),
  /** Units: ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Units: ISO 8601, UTC. */
  updatedAt: z.iso.datetime(),
});
export type Store = z.infer<typeof Store>;

export const StoreDetail = Store.extend({ ...opening, attribution });
export type StoreDetail = z.infer<typeof StoreDetail>;

export const SearchInput = z.strictObject({
  query: nameText(100),
  ...filters,
  near: z.strictObject({ latitude, longitude }).apply(optional),
  locale,
  ...pageInput,
});
export type SearchInput = z.infer<typeof SearchInput>;

/** `distance` is null when the search had no position. */
export const SearchOutput = pageOf(
  StoreSummary.extend({ ...opening, distance: distance.nullable() }),
);
export type SearchOutput = z.infer<typeof SearchOutput>;

export const BoundsInput = z
  .strictObject({
    west: longitude,
    south: latitude,
    /** Smaller than `west` where the bounds cross the antimeridian. */
    east: longitude,
    north: latitude,
    limit: z.int().min(1).max(500).apply(byDefault(200)),
    ...filters,
    locale,
  })
  .refine(({ south, north }) => south <= north, {
    path: ["south"],
    error: schemaError("south_of_north"),
  });
export type BoundsInput = z.infer<typeof BoundsInput>;

export const BoundsOutput = z.object({
  /** The nearest to the middle of the bounds first; `distance` is from there. */
  items: z.array(StoreMarker),
  /** How many stores match; null when there are too many to count. Units: stores. */
  total: z.int().min(0).nullable(),
  /** Whether there may be matching stores that `items` does not have. */
  truncated: z.boolean(),
});
export type BoundsOutput = z.infer<typeof BoundsOutput>;

/** Whether a store is in answers: removed by an administrator, or hidden while its source says so. */
const STORE_STATES = ["shown", "removed", "hidden"] as const;
export type StoreState = (typeof STORE_STATES)[number];

const anyClaim = z.enum([...HALAL_CLAIMS, "no"]);

export const ListStoresInput = z.strictObject({
  query: nameText(100).apply(optional),
  state: z.enum(STORE_STATES).apply(optional),
  storeType: filters.storeType,
  halalCertifiedOnly: filters.halalCertifiedOnly,
  certifierIds: filters.certifierIds,
  minRating: filters.minRating,
  /** Also `no`: such stores are in no other answer. Units: claims, 1–4. */
  halalClaim: z.array(anyClaim).min(1).max(4).apply(optional),
  ...pageInput,
});

export const AdminStore = Store.omit({ mainName: true }).extend({
  halalClaim: anyClaim.nullable(),
  /** When it left all answers; null: it is shown. Units: ISO 8601, UTC. */
  removedAt: z.iso.datetime().nullable(),
  /** Whether it is hidden because its source says that it is closed or not halal. */
  isHiddenBySource: z.boolean(),
});
export type AdminStore = z.infer<typeof AdminStore>;
export const ListStoresOutput = pageOf(AdminStore);

/** Units: stars, 0–5, kept to the hundredth. */
const rating = z
  .number()
  .min(0)
  .max(5)
  .transform((stars) => Math.round(stars * 100) / 100);

/** The fields that an administrator may set. */
export const StoreColumns = z.strictObject({
  name: plainText(200),
  description: plainText(4000).nullable().optional(),
  storeType,
  address: plainText(300).nullable().optional(),
  city: plainText(100).nullable().optional(),
  postalCode: plainText(20).nullable().optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, { error: schemaError("country_letters") })
    .nullable()
    .apply(optional),
  phone: plainText(50).nullable().optional(),
  website: webAddress.nullable().optional(),
  imageUrl: webAddress.nullable().optional(),
  latitude,
  longitude,
  halalCertified: z.boolean().apply(optional),
  certifierId: plainText(64).nullable().optional(),
  averageRating: rating.nullable().optional(),
  reviewCount: z.int().min(0).max(2_000_000_000).apply(optional),
  openingHours: plainText(1000).nullable().optional(),
  /** IANA name; by default the one at the position. */
  timeZone: plainText(64)
    .refine(isTimeZone, { error: schemaError("time_zone") })
    .apply(optional),
});
export type StoreColumns = z.infer<typeof StoreColumns>;

export const UpdateStoreInput = allOptional(StoreColumns).extend({ id: z.uuid() });
export type UpdateStoreInput = z.infer<typeof UpdateStoreInput>;

export const RemoveStoreOutput = z.object({ id: z.uuid() });
