import type { TRPCClient } from "@trpc/client";
import type { AppRouter, RouterInputs, RouterOutputs } from "../app-router.ts";
import type { QueuedChange } from "../storage/storage.ts";
import type { Lane, SentOutcome } from "./lane.ts";

/** A product or a store, by id, or a product by its barcode. */
export type FavoriteItem = RouterInputs["favorites"]["add"];

/** A favourite's change as the queue keeps it. */
export interface QueuedFavorite {
  readonly item: FavoriteItem;
  readonly isFavorite: boolean;
  /** Units: ISO 8601. */
  readonly at: string;
}

type SyncAnswer = RouterOutputs["favorites"]["sync"];
type Ref = SyncAnswer["added"][number];

const CHANGES_MAX = 200;

/** Sends changes of favourites by `favorites.sync`. */
export function favoritesLane(trpc: TRPCClient<AppRouter>): Lane {
  return {
    name: "favorites",
    batchMax: CHANGES_MAX,
    async send(changes, options) {
      const read = changes.map(favoriteOf);
      // Only the last change of an item counts. The server takes times that are ahead of its clock for the same one, and
      // would not know which of two came last.
      const last = new Map<string, QueuedFavorite>();
      for (const one of read) if (one !== null) last.set(keyOf(one.item), one);
      const sent = [...last.values()].map(({ item, isFavorite, at }) => ({
        isFavorite,
        item: { ...item, createdAt: at },
      }));
      const answer =
        sent.length === 0
          ? { added: [], removed: [], unknown: [], overLimit: [] }
          : await trpc.favorites.sync.mutate(
              {
                add: sent.filter((one) => one.isFavorite).map((one) => one.item),
                remove: sent.filter((one) => !one.isFavorite).map((one) => one.item),
              },
              options,
            );
      return read.map((one) => outcomeOf(one, last, answer));
    },
  };
}

function outcomeOf(
  one: QueuedFavorite | null,
  last: ReadonlyMap<string, QueuedFavorite>,
  answer: SyncAnswer,
): SentOutcome {
  if (one === null)
    return { state: "refused", code: "BAD_REQUEST", message: "This change cannot be read." };
  // Overtaken by a later change of the same item.
  if (last.get(keyOf(one.item)) !== one || !one.isFavorite) return accepted(one.isFavorite);
  if (answer.unknown.some((ref) => isSame(ref, one.item)))
    return {
      state: "refused",
      code: "NOT_FOUND",
      message: `There is no such ${one.item.kind}.`,
      reason: "not_found",
    };
  if (answer.overLimit.some((ref) => isSame(ref, one.item)))
    return {
      state: "refused",
      code: "TOO_MANY_REQUESTS",
      message: "There are too many favourites already. Remove some to add others.",
      reason: "too_many_favorites",
    };
  return accepted(!answer.removed.some((ref) => isSame(ref, one.item)));
}

function accepted(isFavorite: boolean): SentOutcome {
  return { state: "accepted", answer: { isFavorite } };
}

/** Barcodes are read as GTIN-14 before they are queued, and ids are in small letters, as the server answers them. */
function keyOf(item: FavoriteItem): string {
  return `${item.kind} ${"id" in item ? item.id : item.barcode}`;
}

function isSame(ref: Ref, item: FavoriteItem): boolean {
  if (ref.kind !== item.kind) return false;
  return "id" in item ? ref.id === item.id : ref.barcode === item.barcode;
}

function favoriteOf({ body }: QueuedChange): QueuedFavorite | null {
  try {
    return JSON.parse(body) as QueuedFavorite;
  } catch {
    return null;
  }
}
