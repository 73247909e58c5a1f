import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { PublishInput } from "../../src/features/alerts/schemas.ts";

/** The input of `alerts.publish`. */
export type NewAlert = z.input<typeof PublishInput>;

/** A category of a test's own, so that tests do not see one another's alerts. */
export const newCategory = () => `category ${randomUUID()}`;

/** An alert to publish in a category. */
export const alertIn = (category: string, more: Partial<NewAlert> = {}): NewAlert => ({
  title: "Recall",
  summary: "Do not eat this",
  severity: "warning",
  category,
  ...more,
});
