import type { FavoriteKind } from "../../db/tables/vocabulary.ts";

/** An item as it was sent: by its id, or by its barcode. */
export interface SentItem {
  readonly kind: FavoriteKind;
  readonly id?: string | undefined;
  readonly barcode?: string | undefined;
  readonly createdAt?: string | null | undefined;
}

/** Everything that a request says of one item: when it was added and removed. Units: ISO 8601, UTC. */
export interface FavoriteChange {
  readonly kind: FavoriteKind;
  /** One of the two. */
  readonly id?: string | undefined;
  readonly barcode?: string | undefined;
  /** The first and the last addition after `removedAt`. */
  readonly createdAt?: string;
  readonly lastAddedAt?: string;
  /** Whether the last addition has no time of its own: it is later than whatever was told before. */
  readonly addsNow?: boolean;
  readonly removedAt?: string;
  /** The same of the removal. */
  readonly removesNow?: boolean;
}

/** Tells items apart as they were sent. */
export const keyOf = ({ kind, id, barcode }: SentItem): string => `${kind} ${id ?? barcode ?? ""}`;

/** When items were added or removed, in order; none is ahead of now. */
function timesByKey(items: readonly SentItem[], now: string): Map<string, string[]> {
  const times = new Map<string, string[]>();
  for (const item of items) {
    const time = item.createdAt ?? now;
    const known = times.get(keyOf(item)) ?? [];
    known.push(time < now ? time : now);
    times.set(keyOf(item), known);
  }
  for (const known of times.values()) known.sort((a, b) => (a < b ? -1 : 1));
  return times;
}

/** Sums up what a request says of each item, once; a removal wins over an addition of the same time. */
export function summedUp(
  add: readonly SentItem[],
  remove: readonly SentItem[],
  now: string,
): FavoriteChange[] {
  const addedByKey = timesByKey(add, now);
  const removedByKey = timesByKey(remove, now);
  const refs = new Map([...add, ...remove].map((item) => [keyOf(item), item]));
  return [...refs].map(([key, { kind, id, barcode }]) => {
    const removedAt = removedByKey.get(key)?.at(-1);
    const added = (addedByKey.get(key) ?? []).filter(
      (time) => removedAt === undefined || time > removedAt,
    );
    const [createdAt] = added;
    const lastAddedAt = added.at(-1);
    return {
      kind,
      id,
      barcode,
      ...(createdAt === undefined || lastAddedAt === undefined
        ? {}
        : { createdAt, lastAddedAt, addsNow: lastAddedAt === now }),
      ...(removedAt === undefined ? {} : { removedAt, removesNow: removedAt === now }),
    };
  });
}
