import { z } from "zod";
import { ALERT_SEVERITIES } from "../../db/tables/vocabulary.ts";
import { plainText, webAddress } from "../../trpc/inputs.ts";
import { instantInput } from "../../trpc/instant.ts";
import { pageCursor, pageLimit, pageOf } from "../../trpc/list.ts";

const severity = z.enum(ALERT_SEVERITIES);
const category = plainText(64);

export const Alert = z.object({
  id: z.guid(),
  title: z.string(),
  summary: z.string(),
  content: z.string().nullable(),
  severity,
  category: z.string(),
  imageUrl: z.string().nullable(),
  sourceUrl: z.string().nullable(),
  /** Units: ISO 8601, UTC. */
  publishedAt: z.iso.datetime(),
  /** From then on nobody is shown it; null means never. Units: ISO 8601, UTC. */
  expiresAt: z.iso.datetime().nullable(),
});
export type Alert = z.infer<typeof Alert>;

export const ListInput = z
  .object({
    severity: severity.optional(),
    category: category.optional(),
    limit: pageLimit,
    cursor: pageCursor,
  })
  .prefault({});
export type ListInput = z.infer<typeof ListInput>;
export const ListOutput = pageOf(Alert);

/** Where a page begins: after this alert. */
export const ListCursor = z.tuple([instantInput, z.guid()]);
export type ListCursor = z.infer<typeof ListCursor>;

export const AlertIdInput = z.object({ id: z.guid() });

const count = z.int().min(0);

export const UnreadOutput = z.object({
  count,
  bySeverity: z.object({ info: count, warning: count, critical: count }),
});
export type UnreadOutput = z.infer<typeof UnreadOutput>;

export const MarkReadInput = z.union([
  z.strictObject({ ids: z.array(z.guid()).max(100) }),
  z.strictObject({ all: z.literal(true) }),
]);
export type MarkReadInput = z.infer<typeof MarkReadInput>;

/** What an administrator may set. */
const AlertColumns = z.object({
  title: plainText(200),
  summary: plainText(1000),
  content: plainText(20_000).nullish(),
  severity,
  category,
  imageUrl: webAddress.nullish(),
  sourceUrl: webAddress.nullish(),
  /** By default now; later means not shown before. Units: ISO 8601. */
  publishedAt: instantInput.optional(),
  /** Units: ISO 8601. */
  expiresAt: instantInput.nullish(),
});

export const PublishInput = AlertColumns;
export type PublishInput = z.infer<typeof PublishInput>;

export const UpdateInput = AlertColumns.partial().extend({ id: z.guid() });
export type UpdateInput = z.infer<typeof UpdateInput>;
