import type { Owner } from "./owner.ts";
import type { ChangeQueue } from "./queue/queue.ts";
import type { FavoriteItem, QueuedFavorite } from "./queue/favorites-lane.ts";
import { gtin14Of } from "./readings.ts";
import type { HalalStorage } from "./storage/storage.ts";

/** The entry with the time of the last change. */
const SETTING = "favorites-clock";

/** The parts of favourites. */
export interface FavoriteParts {
  readonly queue: ChangeQueue;
  readonly storage: HalalStorage;
  readonly owner: Owner;
  readonly randomUUID: () => string;
  readonly nowMs: () => number;
}

/** Changes favourites through the queue. */
export class Favorites {
  readonly #parts: FavoriteParts;
  #before: Promise<unknown> = Promise.resolve();

  constructor(parts: FavoriteParts) {
    this.#parts = parts;
  }

  /**
   * Makes a product or a store a favourite, or none; resolves when the change is kept, and sends it when that goes.
   * Errors: HalalClientError for a barcode that is none.
   */
  set(item: FavoriteItem, isFavorite: boolean): Promise<void> {
    // One after the other, because the later change must have the later time.
    const work = this.#before.then(() => this.#keep(item, isFavorite));
    this.#before = work.catch(() => {});
    return work;
  }

  async #keep(item: FavoriteItem, isFavorite: boolean): Promise<void> {
    const { queue, owner, randomUUID } = this.#parts;
    const change: QueuedFavorite = {
      item: plainItem(item),
      isFavorite,
      at: new Date(await this.#nextTimeMs()).toISOString(),
    };
    const id = randomUUID().toLowerCase();
    const body = JSON.stringify(change);
    await queue.append({ id, lane: "favorites", owner: await owner.current(), body });
    void queue.flush();
  }

  /** Later than that of any change before, whatever happened to the clock: of two changes the later one counts. */
  async #nextTimeMs(): Promise<number> {
    const { storage, nowMs } = this.#parts;
    const last = await storage.read("setting", SETTING);
    const timeMs = Math.max(nowMs(), (last?.savedAtMs ?? 0) + 1);
    await storage.write("setting", SETTING, { text: "", savedAtMs: timeMs });
    return timeMs;
  }
}

function plainItem(item: FavoriteItem): FavoriteItem {
  if ("id" in item) return { kind: item.kind, id: item.id.toLowerCase() };
  return { kind: "product", barcode: gtin14Of(item.barcode) };
}
