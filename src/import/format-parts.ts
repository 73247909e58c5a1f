import type { Format } from "./kind.ts";
import { readDelimited } from "./read/delimited.ts";
import { readJsonItems } from "./read/json-items.ts";
import { readJsonLines } from "./read/lines.ts";

/** The syntax of a file, as its beginning shows. */
export type Syntax = "json-lines" | "json-items" | "xml" | "taxonomy" | "tabs" | "commas";

/** The formats of one kind by syntax. */
export type FormatsBySyntax = Partial<Record<Syntax, Format>>;

/** Makes the two formats of a kind that is read from JSON. */
export const both = (format: Omit<Format, "read" | "positionUnit">): FormatsBySyntax => ({
  "json-lines": { ...format, positionUnit: "line", read: readJsonLines },
  "json-items": { ...format, positionUnit: "item", read: readJsonItems },
});

/** Makes the format of a kind that is read from a table with a header. */
export const table = (format: Omit<Format, "read" | "positionUnit">): Format => ({
  ...format,
  positionUnit: "line",
  read: readDelimited,
});
