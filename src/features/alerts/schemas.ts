import { z } from "zod";
import type { AlertText, AlertTexts } from "../../db/tables/alerts.ts";
import { LANGUAGES, type Language } from "../../texts/language.ts";
import { ALERT_SEVERITIES } from "../../db/tables/vocabulary.ts";
import { barcodeInput } from "../../trpc/barcode-input.ts";
import { allOptional, byDefault, optional, plainText, webAddress } from "../../trpc/inputs.ts";
import { instantInput } from "../../trpc/instant.ts";
import { localeInput } from "../../trpc/languages.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { schemaError } from "../../texts/text.ts";

const severity = z.enum(ALERT_SEVERITIES);
const category = plainText(64);

/** The subject of a recall. */
const AlertRecall = z.object({
  /** Canonical GTIN-14. */
  barcodes: z.array(z.string()),
  /** None: all lots. */
  lots: z.array(z.string()),
  brand: z.string().nullable(),
  risk: z.string().nullable(),
  whatToDo: z.string().nullable(),
  /** ISO 3166-1 alpha-2; none: not known. */
  countries: z.array(z.string()),
});

export const Alert = z.object({
  id: z.guid(),
  /** Of the texts: the caller's where the alert has them, else that in which it was written; null: not known. */
  language: z.enum(LANGUAGES).nullable(),
  title: z.string(),
  summary: z.string(),
  /** The whole text, in plain text; null where the summary is all. */
  content: z.string().nullable(),
  severity,
  /** One of `alerts.categories`, a word for programs in every language. */
  category: z.string(),
  imageUrl: z.string().nullable(),
  sourceUrl: z.string().nullable(),
  /** Units: ISO 8601, UTC. */
  publishedAt: z.iso.datetime(),
  /** From then on nobody is shown it; null means never. Units: ISO 8601, UTC. */
  expiresAt: z.iso.datetime().nullable(),
  /** Null when the alert is no recall. */
  recall: AlertRecall.nullable(),
});
export type Alert = z.infer<typeof Alert>;

export const ListInput = z
  .strictObject({
    /** Alerts of this severity alone. */
    severity: severity.apply(optional),
    /** Alerts of this one of `alerts.categories`; another has none. */
    category: category.apply(optional),
    locale: localeInput,
    ...pageInput,
  })
  .prefault({});
export type ListInput = z.infer<typeof ListInput>;

/** An alert of a list. */
export const ListedAlert = Alert.extend({
  /** When the caller marked it as read; null without, and for a caller who is not signed in. Units: ISO 8601, UTC. */
  readAt: z.iso.datetime().nullable(),
});
export type ListedAlert = z.infer<typeof ListedAlert>;
export const ListOutput = pageOf(ListedAlert);

export const CategoriesOutput = z.object({
  /** Those of the alerts that are shown now, the most frequent first. */
  items: z.array(z.object({ category: z.string(), count: z.int().min(1) })),
});
export type CategoriesOutput = z.infer<typeof CategoriesOutput>;

/** Where a page begins: after this alert. */
export const ListCursor = z.tuple([instantInput, z.guid()]);
export type ListCursor = z.infer<typeof ListCursor>;

export const ByIdInput = z.strictObject({ id: z.guid(), locale: localeInput });
export const AlertIdInput = z.strictObject({ id: z.guid() });

const count = z.int().min(0);

export const UnreadOutput = z.object({
  /** The alerts shown now that are not read; the sum of `bySeverity`. */
  count,
  bySeverity: z.object({ info: count, warning: count, critical: count }),
});
export type UnreadOutput = z.infer<typeof UnreadOutput>;

export const MarkReadInput = z.union([
  z.strictObject({ ids: z.array(z.guid()).max(100) }),
  z.strictObject({ all: z.literal(true) }),
]);
export type MarkReadInput = z.infer<typeof MarkReadInput>;

/** An administrator's statements about a recall; they replace all earlier ones. */
const RecallColumns = z.strictObject({
  /** GTIN-8, -12, -13, -14 or UPC-E, or what a scanner makes of them; kept as canonical GTIN-14. */
  barcodes: z.array(barcodeInput).max(1000).apply(byDefault([])),
  lots: z.array(plainText(200)).max(200).apply(byDefault([])),
  brand: plainText(200).nullish(),
  risk: plainText(1000).nullish(),
  whatToDo: plainText(2000).nullish(),
  /** ISO 3166-1 alpha-2. */
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, { error: schemaError("country_code") }))
    .max(250)
    .apply(byDefault([])),
});

/** An alert's words in another language; what is left out is shown as it was written. */
const alertText = z.strictObject({
  title: plainText(200),
  summary: plainText(1000),
  content: plainText(20_000).nullish(),
  /** Of a recall. */
  risk: plainText(1000).nullish(),
  /** Of a recall. */
  whatToDo: plainText(2000).nullish(),
});

function withoutEmpty(texts: {
  readonly [L in Language]?: AlertText | null | undefined;
}): AlertTexts {
  return Object.fromEntries(
    Object.entries(texts).filter(([, one]) => one !== null && one !== undefined),
  ) as AlertTexts;
}

/** An alert's words in other languages than its own. */
const alertTexts = z
  .strictObject({ en: alertText.nullish(), fr: alertText.nullish(), ar: alertText.nullish() })
  .transform((texts): AlertTexts => withoutEmpty(texts));

/** The fields that an administrator may set. */
const AlertColumns = z.strictObject({
  title: plainText(200),
  summary: plainText(1000),
  content: plainText(20_000).nullish(),
  severity,
  category,
  imageUrl: webAddress.nullish(),
  sourceUrl: webAddress.nullish(),
  /** By default now; later means not shown before. Units: ISO 8601. */
  publishedAt: instantInput.apply(optional),
  /** Units: ISO 8601. */
  expiresAt: instantInput.nullish(),
  /** Makes the alert a recall; null makes it none. */
  recall: RecallColumns.nullish(),
  /** The language of all texts but those in `texts`. */
  language: z.enum(LANGUAGES).apply(byDefault("en" as const)),
  /** The same in other languages; they replace all earlier ones. */
  texts: alertTexts.apply(optional),
});

export const PublishInput = AlertColumns;
export type PublishInput = z.infer<typeof PublishInput>;

export const UpdateInput = allOptional(
  AlertColumns.extend({ language: z.enum(LANGUAGES).apply(optional) }),
).extend({ id: z.guid() });
export type UpdateInput = z.infer<typeof UpdateInput>;

/** Where an alert is on its way: held for approval, to be shown later, shown, over, or taken back. */
export const ALERT_STATES = ["held", "scheduled", "shown", "expired", "retracted"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** An alert as administrators see it: as it was written, and in other languages. */
export const WrittenAlert = Alert.extend({
  texts: z.partialRecord(
    z.enum(LANGUAGES),
    z.object({
      title: z.string(),
      summary: z.string(),
      content: z.string().nullish(),
      risk: z.string().nullish(),
      whatToDo: z.string().nullish(),
    }),
  ),
});
export type WrittenAlert = z.infer<typeof WrittenAlert>;

export const AdminAlert = WrittenAlert.extend({
  state: z.enum(ALERT_STATES),
  /** Of `data_sources`; null for an alert of an administrator's. */
  source: z.string().nullable(),
  /** The source's own key. */
  sourceRef: z.string().nullable(),
});
export type AdminAlert = z.infer<typeof AdminAlert>;

export const AdminListInput = z
  .strictObject({
    state: z.enum(ALERT_STATES).nullish(),
    /** Only recalls, or only other alerts. */
    isRecall: z.boolean().nullish(),
    ...pageInput,
  })
  .prefault({});
export const AdminListOutput = pageOf(AdminAlert);

export const ApproveInput = z.strictObject({ ids: z.array(z.guid()).min(1).max(100) });
/** Those that were held; others are passed over. */
export const ApproveOutput = z.object({ approved: z.array(z.guid()) });
