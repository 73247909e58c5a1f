import { z } from "zod";
import { AppError } from "../errors.ts";

/** How many items a page has. Units: items, 1–100. */
export const pageLimit = z.int().min(1).max(100).default(20);

/** Where the next page begins, as the page before gave it; opaque. */
export const pageCursor = z.string().max(500).nullish();

/** A page of a list; `nextCursor` is null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** A place in a keyset order, made opaque. */
export function encodeCursor(keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

/** Reads a place in a keyset order. Errors: BAD_REQUEST when it is not one that this list gave. */
export function decodeCursor<T>(cursor: string | null | undefined, keys: z.ZodType<T>): T | null {
  if (cursor === null || cursor === undefined) return null;
  try {
    return keys.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch (cause) {
    throw new AppError("BAD_REQUEST", "cursor: not one that this list gave", { cause });
  }
}

/** Makes a page of rows that were fetched with one more than `limit`; `keysOf` is a row's place in the order. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  keysOf: (row: T) => readonly (string | number)[],
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : encodeCursor(keysOf(last)) };
}
