import { z } from "zod";
import { LANGUAGES } from "../texts/language.ts";
import { ALERT_SEVERITIES } from "../db/tables/vocabulary.ts";

/** A recall in force, as it is shown beside a product. */
export const Recall = z.object({
  /** Of `alerts.byId`, which has the whole text. */
  alertId: z.guid(),
  /** Of the texts: the caller's where the alert has them, else that in which it was written; null: not known. */
  language: z.enum(LANGUAGES).nullable(),
  title: z.string(),
  summary: z.string(),
  severity: z.enum(ALERT_SEVERITIES),
  sourceUrl: z.string().nullable(),
  /** Units: ISO 8601, UTC. */
  publishedAt: z.iso.datetime(),
  /** Units: ISO 8601, UTC. */
  expiresAt: z.iso.datetime().nullable(),
  /** None: all lots. */
  lots: z.array(z.string()),
  brand: z.string().nullable(),
  risk: z.string().nullable(),
  whatToDo: z.string().nullable(),
  /** ISO 3166-1 alpha-2; none: not known. */
  countries: z.array(z.string()),
});
