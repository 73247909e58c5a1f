import { z } from "zod";
import { schemaError } from "../texts/text.ts";

const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/**
 * An instant that a caller gives, in UTC or with an offset; read as UTC in milliseconds.
 * Units: ISO 8601, from 1970 to 2199.
 */
export const instantInput = z.iso
  .datetime({ offset: true })
  .refine(
    (text) => {
      const ms = Date.parse(text);
      return ms >= EARLIEST_MS && ms < LATEST_MS;
    },
    { error: schemaError("instant_range") },
  )
  .transform((text) => new Date(text).toISOString());
