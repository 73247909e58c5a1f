import { cellOf } from "../../../../src/geo/cell.ts";
import type { Position } from "../../../../src/geo/position.ts";
import { fetchTextWithin, type FetchedResponse, type FetchLike, readRetryAfter } from "../fetch.ts";
import type { HalalStorage } from "../storage/storage.ts";
import { CellEntry } from "./cell-entry.ts";

/** A kept entry, and when the server last said that it is right. */
export interface KeptCell {
  readonly entry: CellEntry;
  /** Units: Unix milliseconds. */
  readonly confirmedAtMs: number;
  /** Whether the server has just been asked. */
  readonly isFresh: boolean;
}

/** The parts of cells. */
export interface CellParts {
  /** Of the server. */
  readonly url: string;
  readonly fetch: FetchLike;
  readonly storage: HalalStorage;
  readonly timeoutMs: number;
  /** For so long an entry is used without asking the server. Units: seconds. */
  readonly freshSeconds: number;
  readonly nowMs: () => number;
}

/** So many cells are kept on the device, and so many ready to be ranked. */
const STORED_MAX = 200;
const READY_MAX = 16;
const WRITES_BETWEEN_TRIMS = 20;
/** A caller who is so near a cell's edge gets the next cell before they need it. Units: share of the cell's side. */
const EDGE_SHARE = 0.25;

interface Ready {
  readonly entry: CellEntry;
  readonly text: string;
  readonly etag: string;
  confirmedAtMs: number;
}

/** A cell as it is stored. */
interface Stored {
  readonly etag: string;
  readonly body: string;
}

/** The cells of the device: fetched once, confirmed when they are no longer fresh, used as they are without a network. */
export class Cells {
  readonly #parts: CellParts;
  readonly #ready = new Map<string, Ready>();
  readonly #asking = new Map<string, Promise<Ready | null>>();
  #heldUntilMs = 0;
  #writes = 0;

  constructor(parts: CellParts) {
    this.#parts = parts;
  }

  /** The entry of a caller's cell; null when the device has none and the server cannot be asked. */
  async at(position: Position, radiusKm: 5 | 50): Promise<KeptCell | null> {
    return await this.#get(cellOf(position), radiusKm);
  }

  /** Fetches the cells that a caller near an edge will need next. Never rejects. */
  async prepareAround(position: Position, radiusKm: 5 | 50, entry: CellEntry): Promise<void> {
    for (const geohash of cellsAhead(position, entry)) await this.#get(geohash, radiusKm);
  }

  async #get(geohash: string, radiusKm: 5 | 50): Promise<KeptCell | null> {
    const key = `${geohash} ${radiusKm}`;
    const { freshSeconds, nowMs } = this.#parts;
    const known = this.#ready.get(key) ?? (await this.#restore(key));
    if (known !== null && nowMs() - known.confirmedAtMs < freshSeconds * 1000)
      return { entry: known.entry, confirmedAtMs: known.confirmedAtMs, isFresh: true };
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#ask(key, geohash, radiusKm, known).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    const asked = await asking;
    const found = asked ?? known;
    if (found === null) return null;
    return { entry: found.entry, confirmedAtMs: found.confirmedAtMs, isFresh: asked !== null };
  }

  async #restore(key: string): Promise<Ready | null> {
    const stored = await this.#parts.storage.read("cell", key);
    if (stored === null) return null;
    try {
      const { etag, body } = JSON.parse(stored.text) as Stored;
      const entry = CellEntry.read(body);
      if (entry === null) return null;
      return this.#remember(key, { entry, etag, text: body, confirmedAtMs: stored.savedAtMs });
    } catch {
      return null;
    }
  }

  /** Asks the server for a cell, or whether the known entry still holds; null when it does not answer with one. */
  async #ask(
    key: string,
    geohash: string,
    radiusKm: number,
    known: Ready | null,
  ): Promise<Ready | null> {
    const { url, fetch, timeoutMs, nowMs } = this.#parts;
    if (nowMs() < this.#heldUntilMs) return null;
    let response: FetchedResponse;
    let text: string;
    try {
      const query = radiusKm === 5 ? "" : `?radius=${radiusKm}`;
      ({ response, text } = await fetchTextWithin(
        fetch,
        timeoutMs,
        `${url}/cells/${geohash}${query}`,
        {
          headers: known === null ? {} : { "if-none-match": known.etag },
          signal: null,
        },
      ));
    } catch {
      return null;
    }
    const retryAfter = readRetryAfter(response.headers.get("retry-after"), nowMs());
    if (!response.ok && retryAfter !== undefined) this.#heldUntilMs = nowMs() + retryAfter * 1000;
    if (response.status === 304 && known !== null) return this.#keep(key, known, nowMs());
    const entry = response.status === 200 ? CellEntry.read(text) : null;
    if (entry === null) return null;
    const etag = response.headers.get("etag");
    const ageMs = Number(response.headers.get("age") ?? 0) * 1000 || 0;
    const confirmedAtMs = nowMs() - ageMs;
    // The server is not sure of this one, and keeps it from being stored.
    if (etag === null) return known ?? { entry, etag: "", text, confirmedAtMs };
    return this.#keep(key, { entry, etag, text, confirmedAtMs }, confirmedAtMs);
  }

  async #keep(key: string, ready: Ready, confirmedAtMs: number): Promise<Ready> {
    const { storage } = this.#parts;
    ready.confirmedAtMs = confirmedAtMs;
    this.#remember(key, ready);
    const stored: Stored = { etag: ready.etag, body: ready.text };
    await storage.write("cell", key, { text: JSON.stringify(stored), savedAtMs: confirmedAtMs });
    this.#writes += 1;
    if (this.#writes % WRITES_BETWEEN_TRIMS === 0) await storage.trim("cell", STORED_MAX);
    return ready;
  }

  #remember(key: string, ready: Ready): Ready {
    this.#ready.delete(key);
    this.#ready.set(key, ready);
    for (const oldest of this.#ready.keys()) {
      if (this.#ready.size <= READY_MAX) break;
      this.#ready.delete(oldest);
    }
    return ready;
  }
}

/** The neighbours that a caller is near to; across ±180° as well, and none beyond a pole. */
export function cellsAhead({ latitude, longitude }: Position, { cell }: CellEntry): string[] {
  const { minLatitude, maxLatitude, minLongitude, maxLongitude } = cell;
  const height = maxLatitude - minLatitude;
  const width = maxLongitude - minLongitude;
  const step = (value: number, min: number, side: number) =>
    (value - min) / side < EDGE_SHARE ? -1 : (value - min) / side > 1 - EDGE_SHARE ? 1 : 0;
  const north = step(latitude, minLatitude, height);
  const east = step(longitude, minLongitude, width);
  const neighbours = [
    [north, 0],
    [0, east],
    [north, east],
  ].flatMap(([up = 0, right = 0]) => {
    const middle = {
      latitude: cell.center.latitude + up * height,
      longitude: wrapped(cell.center.longitude + right * width),
    };
    return Math.abs(middle.latitude) > 90 ? [] : [cellOf(middle)];
  });
  return [...new Set(neighbours)].filter((geohash) => geohash !== cell.geohash);
}

function wrapped(longitude: number): number {
  if (longitude > 180) return longitude - 360;
  return longitude < -180 ? longitude + 360 : longitude;
}
