import type { Position } from "../../geo/position.ts";

/** A map's viewport. Units: WGS 84 degrees; `east` is smaller than `west` where the bounds cross the antimeridian. */
export interface MapBounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

function widthOf({ west, east }: MapBounds): number {
  return east - west + (east < west ? 360 : 0);
}

const wrapped = (longitude: number) =>
  longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;

/** The position in the middle of bounds. */
export function middleOf(bounds: MapBounds): Position {
  const { south, north, west } = bounds;
  return { latitude: (south + north) / 2, longitude: wrapped(west + widthOf(bounds) / 2) };
}

/** How bounds hold longitudes: between both, or (across the antimeridian) outside them; 180° is −180°. */
export function longitudesOf({ west, east }: MapBounds): {
  readonly crosses: boolean;
  /** A longitude that is on the edge though its number is not between the others. */
  readonly also: number | null;
} {
  const crosses = east < west;
  if (crosses) return { crosses, also: null };
  return { crosses, also: east === 180 ? -180 : west === -180 ? 180 : null };
}

/**
 * Points of the bounds whose box in space, as PostGIS's index of geography has it, holds every point of the bounds.
 * Source: x, y and z of cos φ cos λ, cos φ sin λ and sin φ have their extremes at an edge, at φ = 0 or at a multiple
 * of 90° of λ.
 */
export function coveringPoints(bounds: MapBounds): Position[] {
  const { west, south, north } = bounds;
  const end = west + widthOf(bounds);
  const latitudes = south < 0 && north > 0 ? [south, 0, north] : [south, north];
  const longitudes = [west, end];
  for (let quarter = Math.ceil(west / 90) * 90; quarter < end; quarter += 90)
    longitudes.push(quarter);
  return latitudes.flatMap((latitude) =>
    longitudes.map((longitude) => ({ latitude, longitude: wrapped(longitude) })),
  );
}
