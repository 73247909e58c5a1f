import { z } from "zod";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { schemaError } from "../../texts/text.ts";

const columns = z.record(z.string(), z.unknown()).nullable();

/** One row that an administrator wrote. */
export const AuditLine = z.object({
  id: z.int(),
  /** Units: ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** The administrator's id. */
  userId: z.guid(),
  /** Such as `store.update`. */
  procedure: z.string(),
  /** Of the request, as its answer had it in `x-request-id`. */
  requestId: z.string().nullable(),
  /** Such as `store`, `product`, `additive`. */
  target: z.string(),
  /** Such as a store's id, a product's GTIN-14, an additive's code. */
  targetId: z.string(),
  action: z.enum(["insert", "update", "delete"]),
  /** By column: what was there, of a change only what changed; null when it was inserted. */
  before: columns,
  /** The same of what is there since; null when it was deleted. */
  after: columns,
});
export type AuditLine = z.infer<typeof AuditLine>;

export const ListInput = z
  .strictObject({
    target: z.string().max(40).nullish(),
    /** Together with `target`. */
    targetId: z.string().max(200).nullish(),
    userId: z.guid().nullish(),
    ...pageInput,
  })
  .refine(({ target, targetId }) => typeof targetId !== "string" || typeof target === "string", {
    error: schemaError("comes_with_target"),
    path: ["targetId"],
  })
  .prefault({});
export const ListOutput = pageOf(AuditLine);

/** Where a page begins: after this line. */
export const ListCursor = z.tuple([z.int().min(0)]);
