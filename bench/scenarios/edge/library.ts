import { cellsAhead } from "../../../packages/client/src/cells/cells.ts";
import type { CellEntry } from "../../../packages/client/src/cells/cell-entry.ts";
import { type Cell, cellBounds, cellOf } from "../../../src/geo/cell.ts";
import type { Call } from "../hot-calls.ts";
import { requestOf, sharedRequest } from "../city-day/phone-requests.ts";
import type { Library, Phone, SentRequest } from "../city-day/phones.ts";

/** The library's `cellFreshSeconds`. Units: milliseconds. */
const FRESH_MS = 60_000;

/** The answers that a phone has, and when the server last confirmed each. */
type Device = Map<string, number>;

interface Around {
  readonly latitude: number;
  readonly longitude: number;
  readonly radiusKm?: number;
  readonly storeType?: string;
}

/** The calls of screens by where they are answered. */
export interface LibraryCounts {
  screenCalls: number;
  /** Of the map, of what is near, and of lists that are equal for everybody. */
  listCalls: number;
  /** Of everything that is equal for everybody: these, and pages of stores and products. */
  publicCalls: number;
  /** Answered without any request. */
  onDevice: number;
}

/** What the edge has, as far as phones have asked for it. */
export interface KnownAtEdge {
  readonly addresses: Set<string>;
  /** The ETag of an address, which a phone that has the answer sends. */
  readonly etags: Map<string, string>;
}

/** The procedures of the map, of what is near and of lists. */
export const LISTS: ReadonlySet<string> = new Set([
  "store.nearby",
  "store.markers",
  "certifier.list",
  "boycott.list",
  "additive.byCode",
  "additive.forCodes",
]);
/** The procedures of pages. What a screen asks about a barcode, its product's page answers. */
const PAGES: ReadonlySet<string> = new Set(["store.byId", "boycott.check"]);

/**
 * Sends what the phone library sends, by its rules: what it keeps is used for a minute, then asked for again by its ETag;
 * cells ahead of a phone are fetched; products are asked for each time.
 */
export function createLibrary(snapshot: string, counts: LibraryCounts, edge: KnownAtEdge): Library {
  const devices = new WeakMap<Phone, Device>();
  const cells = new Map<string, Cell>();
  const cellAt = (geohash: string) => {
    const cell = cells.get(geohash) ?? cellBounds(geohash);
    cells.set(geohash, cell);
    return cell;
  };
  return (phone, calls, nowMs) => {
    const device = devices.get(phone) ?? new Map<string, number>();
    devices.set(phone, device);
    const sent: SentRequest[] = [];
    const rest: Call[] = [];
    const need = (path: string, key: string, isAhead: boolean) => {
      const confirmedMs = device.get(key);
      if (confirmedMs !== undefined && nowMs - confirmedMs < FRESH_MS) return false;
      device.set(key, nowMs);
      edge.addresses.add(path);
      const etag = confirmedMs === undefined ? undefined : edge.etags.get(path);
      sent.push({ calls: isAhead ? 0 : 1, request: sharedRequest(phone, path, etag), isAhead });
      return true;
    };
    for (const call of calls) {
      const path = pathOf(call, device, snapshot);
      counts.screenCalls += 1;
      if (LISTS.has(call.procedure)) counts.listCalls += 1;
      if (LISTS.has(call.procedure) || PAGES.has(call.procedure)) counts.publicCalls += 1;
      if (path === null) {
        rest.push(call);
        continue;
      }
      if (!need(path.path, path.key, false)) counts.onDevice += 1;
      if (path.query === null) continue;
      const around = call.input as Around;
      // Of an entry it reads the cell alone.
      const entry = { cell: cellAt(cellOf(around)) } as unknown as CellEntry;
      for (const geohash of cellsAhead(around, entry))
        need(`/cells/${geohash}${path.query}`, `cell ${geohash}${path.query}`, true);
    }
    if (rest.length > 0)
      sent.push({ calls: rest.length, request: requestOf(phone, rest), isAhead: false });
    return sent;
  };
}

/** How a call is answered without the procedure. */
interface Path {
  readonly path: string;
  /** The key under which a device keeps the answer. */
  readonly key: string;
  /** Of a cell, whose neighbours are fetched, too; null for everything else. */
  readonly query: string | null;
}

/** The address of what answers a call; null: the server's procedure. */
function pathOf({ procedure, input }: Call, device: Device, snapshot: string): Path | null {
  switch (procedure) {
    case "store.nearby":
    case "store.markers": {
      const around = input as Around;
      if (around.storeType !== undefined) return null;
      const query = (around.radiusKm ?? 5) > 5 ? "?radius=50" : "";
      const geohash = cellOf(around);
      return { path: `/cells/${geohash}${query}`, key: `cell ${geohash}${query}`, query };
    }
    case "store.byId": {
      const path = `/stores/${(input as { readonly id: string }).id}`;
      return { path, key: path, query: null };
    }
    case "boycott.check": {
      const gtin14 = (input as { readonly barcode: string }).barcode.padStart(14, "0");
      // Only the latest answer counts: no device says that a product is still what it was.
      device.delete("product");
      return { path: `/products/${gtin14}?locale=en`, key: "product", query: null };
    }
    case "certifier.list":
      return { path: "/lists/certifiers", key: "certifiers", query: null };
    case "boycott.list":
      return { path: "/lists/boycotts", key: "boycotts", query: null };
    case "additive.byCode":
    case "additive.forCodes": {
      const since = device.has("additives") ? `&since=${snapshot}` : "";
      return { path: `/lists/additives?locale=en${since}`, key: "additives", query: null };
    }
    default:
      return null;
  }
}
