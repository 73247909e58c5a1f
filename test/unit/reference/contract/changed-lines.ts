import { z } from "zod";
import {
  type Direction,
  schemaChanges,
} from "../../../../src/reference/contract/schema-changes.ts";

/** The changes from one schema to the other, as lines. */
export function changedLines(direction: Direction, before: z.ZodType, after: z.ZodType): string[] {
  const [old, now] = [before, after].map((schema) => z.toJSONSchema(schema, { io: direction }));
  return schemaChanges({ before: old ?? {}, after: now ?? {}, direction, at: direction }).map(
    ({ at, what }) => `${at}: ${what}`,
  );
}

/** Two enumerations, of which the second has more values. */
export const few = z.enum(["a", "b"]);
export const more = z.enum(["a", "b", "c"]);
