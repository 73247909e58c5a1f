import { type Cell, cellBounds, cellIdOf, cellOf, radiusBucketMeters } from "../../geo/cell.ts";
import { type CellParameters, SHARED_LIMIT } from "./policies.ts";
import type { MarkersInput } from "./schemas.ts";

const MARKERS_LIMIT = 500;
const CELLS_MAX = 20_000;
const cells = new Map<number, Cell>();

/** The cell of a position, worked out once for each of the many calls from it. */
function cellAt(input: MarkersInput): Cell {
  const id = cellIdOf(input.latitude, input.longitude);
  let cell = cells.get(id);
  if (cell === undefined) {
    if (cells.size >= CELLS_MAX) cells.clear();
    cell = cellBounds(cellOf(input));
    cells.set(id, cell);
  }
  return cell;
}

/** Which entry answers a caller. */
export function cellParameters(input: MarkersInput): CellParameters {
  return {
    cell: cellAt(input),
    storeType: input.storeType,
    halalCertifiedOnly: input.halalCertifiedOnly,
    radiusMeters: radiusBucketMeters(input.radiusKm),
    limit: input.limit <= SHARED_LIMIT ? SHARED_LIMIT : MARKERS_LIMIT,
  };
}
