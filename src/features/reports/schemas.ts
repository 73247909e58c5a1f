import { z } from "zod";
import {
  HALAL_STATUSES,
  REPORT_KINDS,
  REPORT_STATES,
  STORE_TYPES,
} from "../../db/tables/vocabulary.ts";
import { barcodeInput } from "../../trpc/barcode-input.ts";
import { byDefault, optional, plainText, webAddress } from "../../trpc/inputs.ts";
import { instantInput } from "../../trpc/instant.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { schemaError } from "../../texts/text.ts";

/** Made by the phone, so that a report can be sent again. */
const reportId = z.uuid().toLowerCase();
/** Of a guest, from `reports.guestToken`; not needed with a user's token. */
const guestToken = z.string().max(200).nullish();
const ENumber = z.string().max(20);

/** A reporter's proposal, by the kind of the report. */
export const ProposedStatus = z.strictObject({ halalStatus: z.enum(HALAL_STATUSES) });
export const ProposedIngredients = z.strictObject({
  ingredients: plainText(10_000),
  /** Of the label; left out: as they were. */
  additives: z.array(ENumber).max(100).apply(optional),
});
export const ProposedProduct = z.strictObject({
  name: plainText(300),
  brand: plainText(200).apply(optional),
  ingredients: plainText(10_000).apply(optional),
  imageUrl: webAddress.apply(optional),
});
export const ProposedStore = z
  .strictObject({
    name: plainText(200).apply(optional),
    storeType: z.enum(STORE_TYPES).apply(optional),
    address: plainText(300).apply(optional),
    city: plainText(120).apply(optional),
    postalCode: plainText(20).apply(optional),
    phone: plainText(50).apply(optional),
    website: webAddress.apply(optional),
    /** Units: WGS 84 decimal degrees. */
    latitude: z.number().min(-90).max(90).apply(optional),
    /** Units: WGS 84 decimal degrees. */
    longitude: z.number().min(-180).max(180).apply(optional),
  })
  .refine(({ latitude, longitude }) => (latitude === undefined) === (longitude === undefined), {
    error: schemaError("whole_position"),
    path: ["longitude"],
  })
  .refine((fields) => Object.keys(fields).length > 0, { error: schemaError("proposes_nothing") });
export const ProposedOpinion = z.strictObject({ isRight: z.boolean() });

const aboutProduct = {
  id: reportId,
  guestToken,
  /** As `scans.record` takes it. */
  barcode: barcodeInput,
  text: plainText(2000).nullish(),
};
const aboutStore = {
  id: reportId,
  guestToken,
  /** Of `store.byId`. */
  storeId: z.guid().toLowerCase(),
  text: plainText(2000).nullish(),
};

export const CreateInput = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("wrong_status"),
    ...aboutProduct,
    proposed: ProposedStatus.nullish(),
  }),
  z.strictObject({
    kind: z.literal("wrong_ingredients"),
    ...aboutProduct,
    proposed: ProposedIngredients.nullish(),
  }),
  z.strictObject({
    kind: z.literal("missing_product"),
    ...aboutProduct,
    proposed: ProposedProduct.nullish(),
  }),
  z.strictObject({
    kind: z.literal("verdict_feedback"),
    ...aboutProduct,
    proposed: ProposedOpinion,
  }),
  z.strictObject({
    kind: z.literal("wrong_store"),
    ...aboutStore,
    proposed: ProposedStore.nullish(),
  }),
  z.strictObject({ kind: z.literal("closed_store"), ...aboutStore, proposed: z.null().optional() }),
]);
export type CreateInput = z.infer<typeof CreateInput>;

export const CreateOutput = z.object({
  id: z.guid(),
  /** Units: ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
});

export const GuestTokenOutput = z.object({
  /** Keep it: reports made with it are only seen with it. */
  guestToken: z.string(),
});

const state = z.enum(REPORT_STATES);
const kind = z.enum(REPORT_KINDS);
const target = {
  kind,
  /** Canonical GTIN-14; null for a store. */
  barcode: z.string().nullable(),
  /** Null for a product. */
  storeId: z.guid().nullable(),
};
const proposed = z.record(z.string(), z.unknown()).nullable();
/** Units: ISO 8601, UTC. */
const instant = z.iso.datetime();

export const MineInput = z.strictObject({ guestToken, ...pageInput }).prefault({});

export const EraseGuestInput = z.strictObject({ guestToken: z.string().max(200) });
export const EraseGuestOutput = z.object({
  /** How many there were. */
  reports: z.int().min(0),
});

export const Report = z.object({
  id: z.guid(),
  ...target,
  text: z.string().nullable(),
  proposed,
  createdAt: instant,
  /** The decision; `open` until there is one. */
  state,
  /** The administrator's words; null without any. */
  note: z.string().nullable(),
  resolvedAt: instant.nullable(),
});
export type Report = z.infer<typeof Report>;
export const MineOutput = pageOf(Report);

/** Where a page begins: after this report, or case. */
export const PageCursor = z.tuple([instantInput, z.guid()]);
export type PageCursor = z.infer<typeof PageCursor>;

export const ListInput = z
  .strictObject({
    state: state.apply(byDefault("open" as const)),
    kind: kind.nullish(),
    ...pageInput,
  })
  .prefault({});

const count = z.int().min(0);

/** All reports of one kind on one product or store. */
export const ReportCase = z.object({
  id: z.guid(),
  ...target,
  state,
  /** Changes with each report; `resolve` takes it, so that nothing unseen is decided on. */
  revision: z.int(),
  /** How many people reported it, those who have erased their data left out. */
  count,
  /** How many of them are guests. */
  guestCount: count,
  /** Its name of today; null when nobody has described it. */
  name: z.string().nullable(),
  /** The different proposals, the most frequent first. */
  proposals: z.array(z.object({ proposed: z.record(z.string(), z.unknown()), count })),
  /** The latest words of the reporters. */
  texts: z.array(z.object({ text: z.string(), isGuest: z.boolean(), createdAt: instant })),
  createdAt: instant,
  updatedAt: instant,
  note: z.string().nullable(),
  /** The administrator; null while it is open. */
  resolvedBy: z.guid().nullable(),
  resolvedAt: instant.nullable(),
});
export type ReportCase = z.infer<typeof ReportCase>;
export const ListOutput = pageOf(ReportCase);

export const ResolveInput = z.strictObject({
  /** Of the case. */
  id: z.guid(),
  outcome: z.enum(["accepted", "rejected"]),
  /** The reporters see it. */
  note: plainText(1000).nullish(),
  /** Applied instead of what was proposed; needed where reporters propose different things. */
  proposed: z.record(z.string(), z.unknown()).nullish(),
  /** Refuses when the case has another revision by now. */
  revision: z.int().nullish(),
});
export type ResolveInput = z.infer<typeof ResolveInput>;

export const ResolveOutput = z.object({
  id: z.guid(),
  outcome: z.enum(["accepted", "rejected"]),
  /** The columns that were written to the product or store; null without any. */
  applied: proposed,
});
