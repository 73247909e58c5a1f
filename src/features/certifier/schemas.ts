import { z } from "zod";
import { nameText, optional, plainText, webAddress } from "../../trpc/inputs.ts";
import { schemaError } from "../../texts/text.ts";

const id = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: schemaError("slug") });
const country = z.string().regex(/^[A-Z]{2}$/, { error: schemaError("country_letters") });
/** Units: points, 0–100. */
const trustScore = z.int().min(0).max(100);

/** One reason behind a certifier's trust score. */
const trustCriterion = z.strictObject({
  criterion: plainText(200),
  met: z.boolean(),
  /** The points that it adds to the score when it is met. Units: points, 0–100. */
  points: z.int().min(0).max(100),
});

export const Certifier = z.object({
  id: z.string(),
  name: z.string(),
  /** ISO 3166-1 alpha-2. */
  country: z.string(),
  website: z.string().nullable(),
  trustScore,
  /** The criteria behind the score; empty when nobody gave any. */
  trustCriteria: z.array(z.object({ criterion: z.string(), met: z.boolean(), points: z.number() })),
  /** Units: ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Units: ISO 8601, UTC. */
  updatedAt: z.iso.datetime(),
});
export type Certifier = z.infer<typeof Certifier>;

export const CertifierList = z.object({ items: z.array(Certifier) });

export const CertifierIdInput = z.strictObject({ id });
export const CertifierIdOutput = z.object({ id: z.string() });

/** The fields that an administrator sets; a field that is left out keeps its value, null empties it. */
export const UpsertCertifierInput = z.strictObject({
  id,
  name: nameText(200),
  country,
  website: webAddress.nullable().optional(),
  trustScore: trustScore.apply(optional),
  trustCriteria: z.array(trustCriterion).max(50).apply(optional),
});
export type UpsertCertifierInput = z.infer<typeof UpsertCertifierInput>;
