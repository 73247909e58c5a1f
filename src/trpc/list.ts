import { createHash } from "node:crypto";
import { z } from "zod";
import { byDefault } from "./inputs.ts";
import { type AppError, inputError } from "../errors.ts";
import { text } from "../texts/text.ts";

/** How many items a page has at most. Units: items, 1–100. */
const pageLimit = z.int().min(1).max(100).apply(byDefault(20));

/** The `nextCursor` of the page before, with the other fields as they were; opaque. Left out: the first page. */
const cursor = z.string().max(500).nullish();

/** tRPC's infinite queries send it; pages go forward only. */
const direction = z
  .enum(["forward", "backward"])
  .nullish()
  .transform(() => undefined);

/** The fields with which a page of a list is asked for. */
export const pageInput = { limit: pageLimit, cursor, direction };

/** A page of a list; `nextCursor` is null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    /** Where the next page begins; null at the end. */
    nextCursor: z.string().nullable(),
  });

/** Of the question's hash: enough to tell one question from another. Units: characters of six bits. */
const HASH_LENGTH = 10;

/** Which list a cursor belongs to: the procedure's, and what was asked of it but for the page and its language. */
export function listId(procedure: string, input: object): string {
  const question = JSON.stringify({
    ...input,
    limit: undefined,
    cursor: undefined,
    locale: undefined,
  });
  const hash = createHash("sha256").update(question).digest("base64url").slice(0, HASH_LENGTH);
  return `${procedure} ${hash}`;
}

/** A place in a list's keyset order, made opaque. */
export function encodeCursor(list: string, keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...keys])).toString("base64url");
}

/** Reads a place in a list's keyset order. Errors: BAD_REQUEST when it is not one that this very list gave. */
export function decodeCursor<T>(
  cursor: string | null | undefined,
  keys: z.ZodType<T>,
  list: string,
): T | null {
  if (cursor === null || cursor === undefined) return null;
  let given: unknown;
  try {
    given = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (cause) {
    throw notACursor(cause);
  }
  if (!Array.isArray(given)) throw notACursor();
  const [givenList, ...place] = given as unknown[];
  if (givenList !== list) {
    if (typeof givenList !== "string") throw notACursor();
    throw inputError("cursor", text("cursor_other_list"), { reason: "cursor_invalid" });
  }
  const { data, error } = keys.safeParse(place);
  if (data === undefined) throw notACursor(error);
  return data;
}

function notACursor(cause?: unknown): AppError {
  const options = { cause, reason: "cursor_invalid" } as const;
  return inputError("cursor", text("cursor_foreign"), options);
}

/** Makes a page of rows that were fetched with one more than `limit`; `keysOf` is a row's place in the order. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  list: string,
  keysOf: (row: T) => readonly (string | number)[],
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : encodeCursor(list, keysOf(last)) };
}
