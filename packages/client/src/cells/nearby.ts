import type { TRPCClient } from "@trpc/client";
import type { AppRouter, RouterInputs } from "../app-router.ts";
import { errorFactsOf } from "../errors.ts";
import type { ReadOptions } from "../readings.ts";
import { markerOf, type NearbyStore, type StoreMarker } from "./cell-entry.ts";
import type { Cells } from "./cells.ts";

/** Where stores come from: asked of the server, or ranked on the device from a cell of so many seconds ago. */
export interface StoresAnswer<Row> {
  readonly items: readonly Row[];
  readonly answeredBy: "server" | "device";
  /** Since the server has confirmed the cell; 0 for the server's own answer. */
  readonly ageSeconds: number;
  /**
   * Whether the server, asked with what it knew then, answers the same; false where a filter may miss stores, or an
   * opening state no longer holds.
   */
  readonly isExact: boolean;
}

type NearbyInput = RouterInputs["store"]["nearby"];
type MarkersInput = RouterInputs["store"]["markers"];

/** The server's defaults. */
const RADIUS_KM = 5;
const NEARBY_LIMIT = 20;
const MARKERS_LIMIT = 100;

/** The parts of the lists of stores. */
export interface NearbyParts {
  readonly trpc: TRPCClient<AppRouter>;
  readonly cells: Cells;
  readonly languages: readonly string[];
  readonly nowMs: () => number;
}

/** Everything that a cell can answer; a question with more in it is the server's. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  "latitude",
  "longitude",
  "radiusKm",
  "storeType",
  "halalCertifiedOnly",
  "locale",
  "limit",
]);

/** Lists of stores around a caller, from the cells of the device where that is exact. */
export class Nearby {
  readonly #parts: NearbyParts;

  constructor(parts: NearbyParts) {
    this.#parts = parts;
  }

  /**
   * The stores nearest to a position, as `store.nearby` lists them: ranked on the device from the caller's cell, else by
   * the server.
   * Units: degrees and kilometres in, metres out.
   * Errors: that of the call, when the device cannot answer either.
   */
  nearby(input: NearbyInput, options: ReadOptions = {}): Promise<StoresAnswer<NearbyStore>> {
    const { trpc } = this.#parts;
    return this.#list(
      { ...input, limit: input.limit ?? NEARBY_LIMIT },
      () => trpc.store.nearby.query(input, options),
      (items) => items,
      { ...options, showsState: true },
    );
  }

  /** The same stores as a map's pins, as `store.markers` lists them. */
  markers(input: MarkersInput, options: ReadOptions = {}): Promise<StoresAnswer<StoreMarker>> {
    const { trpc } = this.#parts;
    return this.#list(
      { ...input, limit: input.limit ?? MARKERS_LIMIT },
      () => trpc.store.markers.query(input, options),
      (items) => items.map(markerOf),
      { ...options, showsState: false },
    );
  }

  async #list<Row>(
    input: NearbyInput & { readonly limit: number },
    ask: () => Promise<{ readonly items: readonly Row[] }>,
    rowsOf: (items: readonly NearbyStore[]) => readonly Row[],
    { signal, showsState }: ReadOptions & { readonly showsState: boolean },
  ): Promise<StoresAnswer<Row>> {
    const onDevice = await this.#onDevice(input, showsState);
    if (onDevice?.isExact === true) return { ...onDevice, items: rowsOf(onDevice.items) };
    try {
      const { items } = await ask();
      return { items, answeredBy: "server", ageSeconds: 0, isExact: true };
    } catch (error) {
      const isFinal = errorFactsOf(error).code === "BAD_REQUEST" || signal?.aborted === true;
      if (isFinal || onDevice === null) throw error;
      return { ...onDevice, items: rowsOf(onDevice.items) };
    }
  }

  async #onDevice(
    input: NearbyInput & { readonly limit: number },
    showsState: boolean,
  ): Promise<StoresAnswer<NearbyStore> | null> {
    const { cells, nowMs } = this.#parts;
    const { latitude, longitude, storeType, halalCertifiedOnly, limit } = input;
    const radiusKm = input.radiusKm ?? RADIUS_KM;
    const isWhole =
      Math.abs(latitude) <= 90 &&
      Math.abs(longitude) <= 180 &&
      radiusKm >= 0.1 &&
      radiusKm <= 50 &&
      Number.isInteger(limit) &&
      limit >= 1;
    // The server says what is wrong, or answers a question that this code does not know.
    if (!isWhole || Object.keys(input).some((key) => !KNOWN_KEYS.has(key))) return null;
    const bucketKm = radiusKm <= RADIUS_KM ? 5 : 50;
    const kept = await cells.at(input, bucketKm);
    if (kept === null) return null;
    const languages = input.locale ? canonical([input.locale]) : this.#parts.languages;
    const question = { latitude, longitude, radiusKm, storeType, halalCertifiedOnly, limit };
    const answer = kept.entry.nearby({ ...question, languages, nowMs: nowMs() });
    if (kept.isFresh) void cells.prepareAround(input, bucketKm, kept.entry).catch(() => {});
    const ageSeconds = Math.max(0, (nowMs() - kept.confirmedAtMs) / 1000);
    const isExact = answer.isExact && (!showsState || answer.isStateKnown);
    return { items: answer.items, isExact, answeredBy: "device", ageSeconds };
  }
}

/** Language tags as the server compares them; one that is none is left out. */
export function canonical(tags: readonly string[]): readonly string[] {
  return tags.flatMap((tag) => {
    try {
      return Intl.getCanonicalLocales(tag);
    } catch {
      return [];
    }
  });
}
