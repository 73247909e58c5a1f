import { z } from "zod";

/**
 * An enumeration of an output to which later versions may add values: apps must expect values that they do not know.
 * The reference says so, and the comparison with the last release allows additions (docs/versions.md).
 */
export const openEnum = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values).meta({ "x-open-enum": true });
