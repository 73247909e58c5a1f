import { cellsAhead } from "../../../packages/client/src/cells/cells.ts";
import type { CellEntry } from "../../../packages/client/src/cells/cell-entry.ts";
import { type Cell, cellBounds, cellOf } from "../../../src/geo/cell.ts";
import type { Call } from "../hot-calls.ts";
import {
  getRequest,
  type Library,
  type Phone,
  requestOf,
  type SentRequest,
} from "../city-day/phones.ts";

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
  sharedCalls: number;
  /** Answered without any request. */
  onDevice: number;
}

/** The procedures that the library answers from what it keeps. */
export const SHARED: ReadonlySet<string> = new Set([
  "store.nearby",
  "store.markers",
  "certifier.list",
  "boycott.list",
  "additive.byCode",
]);

/**
 * Sends what the phone library sends, by its rules: what it keeps is used for a minute, then asked for again; cells ahead
 * of a phone are fetched; a filter is the server's. Every request is for the whole body, as if no phone had an ETag.
 */
export function createLibrary(snapshot: string, counts: LibraryCounts): Library {
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
      if (nowMs - (device.get(key) ?? Number.NEGATIVE_INFINITY) < FRESH_MS) return false;
      device.set(key, nowMs);
      sent.push({ calls: isAhead ? 0 : 1, request: getRequest(phone, path), isAhead });
      return true;
    };
    for (const call of calls) {
      const path = pathOf(call, device, snapshot);
      counts.screenCalls += 1;
      if (SHARED.has(call.procedure)) counts.sharedCalls += 1;
      if (path === null) {
        rest.push(call);
        continue;
      }
      if (!need(path.path, path.key, false)) counts.onDevice += 1;
      if (!path.key.startsWith("cell ")) continue;
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

/** The address of what answers a call, and the key under which a device keeps it; null: the server's procedure. */
function pathOf(
  { procedure, input }: Call,
  device: Device,
  snapshot: string,
): { readonly path: string; readonly key: string; readonly query: string } | null {
  switch (procedure) {
    case "store.nearby":
    case "store.markers": {
      const around = input as Around;
      if (around.storeType !== undefined) return null;
      const query = (around.radiusKm ?? 5) > 5 ? "?radius=50" : "";
      const geohash = cellOf(around);
      return { path: `/cells/${geohash}${query}`, key: `cell ${geohash}${query}`, query };
    }
    case "certifier.list":
      return { path: "/lists/certifiers", key: "certifiers", query: "" };
    case "boycott.list":
      return { path: "/lists/boycotts", key: "boycotts", query: "" };
    case "additive.byCode": {
      const since = device.has("additives") ? `&since=${snapshot}` : "";
      return { path: `/lists/additives?locale=en${since}`, key: "additives", query: "" };
    }
    default:
      return null;
  }
}
