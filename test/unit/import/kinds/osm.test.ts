import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { osmRef, readOsmPlace } from "../../../../src/import/kinds/stores/osm.ts";

const positionOf = (value: unknown) => {
  const place = readOsmPlace(value);
  return "reason" in place ? place.reason : place.position;
};
const feature = (type: string, coordinates: unknown) => ({
  type: "Feature",
  properties: {},
  geometry: { type, coordinates },
});

describe("readOsmPlace", () => {
  it("returns a point for every kind of geometry", () => {
    const square = [
      [2, 48],
      [2.002, 48],
      [2.002, 48.002],
      [2, 48.002],
      [2, 48],
    ];
    expect(positionOf(feature("Point", [2.5, 48.5]))).toEqual({ latitude: 48.5, longitude: 2.5 });
    expect(positionOf(feature("Polygon", [square]))).toMatchObject({
      latitude: expect.closeTo(48.001, 9) as number,
      longitude: expect.closeTo(2.001, 9) as number,
    });
    expect(positionOf(feature("MultiPolygon", [[square]]))).toMatchObject({
      latitude: expect.closeTo(48.001, 9) as number,
    });
    expect(
      positionOf(
        feature("LineString", [
          [1, 10],
          [3, 20],
        ]),
      ),
    ).toEqual({ latitude: 15, longitude: 2 });
    expect(positionOf({ type: "node", id: 1, lat: 1, lon: 2 })).toEqual({
      latitude: 1,
      longitude: 2,
    });
    expect(positionOf({ type: "way", id: 1, center: { lat: 1, lon: 2 } })).toEqual({
      latitude: 1,
      longitude: 2,
    });
    expect(
      positionOf({
        type: "relation",
        id: 1,
        bounds: { minlat: 1, maxlat: 3, minlon: 179, maxlon: -179 },
      }),
    ).toEqual({ latitude: 2, longitude: 180 });
  });

  it("returns no point for an invalid position", () => {
    expect(positionOf(feature("Point", [181, 0]))).toBeNull();
    expect(positionOf(feature("Point", ["x", 0]))).toBeNull();
    expect(positionOf(feature("Polygon", [[]]))).toBeNull();
    expect(positionOf(feature("Circle", [1, 1]))).toBeNull();
    expect(positionOf({ type: "way", id: 1, nodes: [1] })).toBeNull();
    expect(positionOf({ type: "FeatureCollection" })).toBe("not_a_place");
    expect(positionOf(7)).toBe("not_a_place");
  });

  it("never returns a position out of range, for any ring", () => {
    const point = fc.tuple(
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.double({ min: -90, max: 90, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 6 }), (ring) => {
        const position = positionOf(feature("Polygon", [ring]));
        expect(position).toMatchObject({ latitude: expect.any(Number) as number });
        const { latitude, longitude } = position as { latitude: number; longitude: number };
        expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
        expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
      }),
    );
  });
});

describe("osmRef", () => {
  it.each([
    ["node/12", "node/12"],
    ["n12", "node/12"],
    ["w7", "way/7"],
    ["a14", "way/7"],
    ["a15", "relation/7"],
    ["https://www.openstreetmap.org/way/7", "way/7"],
    [42, "42"],
    ["own-key", "own-key"],
    ["", null],
    [null, null],
  ])("reads the key %j as %j", (id, ref) => {
    expect(osmRef(id)).toBe(ref);
  });
});
