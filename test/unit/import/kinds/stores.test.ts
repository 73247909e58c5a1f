import { describe, expect, it } from "vitest";
import { OPEN_STREET_MAP } from "../../../../src/import/write/data-sources.ts";
import type { Conversion } from "../../../../src/import/kind.ts";
import { indexCertifiers } from "../../../../src/import/kinds/known-certifiers.ts";
import { readCsvPlace } from "../../../../src/import/kinds/stores/store-csv.ts";
import {
  createStoreConverter,
  STORE_COLUMNS,
} from "../../../../src/import/kinds/stores/store-rows.ts";
import { STORE_TARGET } from "../../../../src/import/kinds/stores/store-target.ts";
import { storeTypeOf } from "../../../../src/import/kinds/stores/store-types.ts";

const certifiers = indexCertifiers([
  { id: "avs", name: "À Votre Service (AVS)", labelTags: ["fr:a-votre-service"] },
]);
const convert = createStoreConverter({
  source: OPEN_STREET_MAP,
  certifiers,
  now: new Date("2026-11-26T12:00:00Z"),
});
const COPENHAGEN = { latitude: 55.67, longitude: 12.57 };
const place = (tags: Record<string, unknown>) =>
  convert({ tags, position: COPENHAGEN, ref: "node/1", says: STORE_COLUMNS });

function rowOf(conversion: Conversion): Record<string, unknown> {
  if ("problem" in conversion) return { problem: conversion.problem.reason };
  return {
    ...Object.fromEntries(STORE_TARGET.columns.map(({ name }, i) => [name, conversion.cells[i]])),
    notes: (conversion.notes ?? []).map(({ reason }) => reason),
  };
}

describe("createStoreConverter", () => {
  it("reads the OSM tags of a shop", () => {
    expect(
      rowOf(
        place({
          name: "Slagter \u0000Ali ",
          shop: "butcher",
          "diet:halal": "Only",
          opening_hours: "Mo-Sa 10:00-18:00, PH off",
          "addr:street": "Nørrebrogade",
          "addr:housenumber": "5",
          "addr:city": "København",
          "addr:country": "dk",
          "contact:phone": "+45 1",
          website: "www.ali.example/x",
          certifier: "avs",
        }),
      ),
    ).toMatchObject({
      source: "osm",
      source_ref: "node/1",
      name: "Slagter Ali",
      store_type: "butcher",
      address: "Nørrebrogade 5",
      city: "København",
      country: "DK",
      phone: "+45 1",
      website: "https://www.ali.example/x",
      opening_hours: "Mo-Sa 10:00-18:00, PH off",
      time_zone: "Europe/Copenhagen",
      halal_claim: "only",
      says: [...STORE_COLUMNS, "certification"],
      halal_certified: true,
      certifier_id: "avs",
      notes: [],
    });
  });

  it("keeps a store whose hours or certifier are not understood, and reports them", () => {
    const row = rowOf(
      place({
        "name:ar": "مطعم",
        amenity: "restaurant",
        opening_hours: "when we like",
        certifier: "Nobody",
      }),
    );
    expect(row).toMatchObject({
      name: "مطعم",
      opening_hours: null,
      halal_certified: false,
      certifier_id: null,
      notes: ["opening_hours", "certifier"],
    });
  });

  it("reports why a place is not a store", () => {
    const shop = { shop: "butcher" };
    expect(rowOf(place(shop))).toEqual({ problem: "no_name" });
    expect(rowOf(place({ ...shop, name: "x".repeat(201) }))).toEqual({ problem: "long_name" });
    const bank = { name: "Bank", amenity: "bank" };
    const known = { source_ref: "node/1", hidden_reason: "not_food", name: null, names: "{}" };
    expect(rowOf(place(bank))).toMatchObject(known);
    expect(rowOf(place({}))).toMatchObject({ ...known, hidden_reason: "no_name" });
    const unknown = { tags: bank, position: null, ref: null, says: STORE_COLUMNS };
    expect(rowOf(convert(unknown))).toEqual({ problem: "no_position" });
    const nowhere = { tags: shop, position: null, ref: null, says: STORE_COLUMNS };
    expect(rowOf(convert(nowhere))).toEqual({ problem: "no_position" });
  });

  it("derives the key of a place without one from its position and name", () => {
    const one = {
      tags: { name: "A", shop: "deli" },
      position: COPENHAGEN,
      ref: null,
      says: STORE_COLUMNS,
    };
    expect(rowOf(convert(one))["source_ref"]).toBe(rowOf(convert({ ...one }))["source_ref"]);
    const other = { ...one, tags: { name: "B", shop: "deli" } };
    expect(rowOf(convert(other))["source_ref"]).not.toBe(rowOf(convert(one))["source_ref"]);
  });
});

describe("storeTypeOf", () => {
  it.each([
    [{ amenity: "fast_food" }, "restaurant"],
    [{ amenity: "restaurant", shop: "bookmaker" }, "restaurant"],
    [{ shop: "convenience" }, "supermarket"],
    [{ shop: "pastry" }, "bakery"],
    [{ shop: "wholesale" }, "wholesaler"],
    [{ shop: "supermarket", wholesale: "supermarket" }, "wholesaler"],
    [{ industrial: "slaughterhouse" }, "abattoir"],
    [{ cuisine: "turkish" }, "restaurant"],
    [{ shop: "gift", "diet:halal": "yes" }, "other"],
    [
      { shop: "constructor" },
      { reason: "not_food", detail: "not a place that sells food (shop=constructor)" },
    ],
  ])("reads %j as the type %j", (tags, type) => {
    expect(storeTypeOf(tags)).toEqual(type);
  });
});

describe("readCsvPlace", () => {
  it("reads the project's own columns, also with similar names", () => {
    const read = readCsvPlace({
      ID: "7",
      Name: "A",
      "Store Type": "bakery",
      LAT: "55,67",
      lng: "12.57",
      "postal-code": "2200",
      "Opening hours": "24/7",
      Certifier: "",
    });
    expect(rowOf(convert(read))).toMatchObject({
      source_ref: "7",
      store_type: "bakery",
      postal_code: "2200",
      latitude: 55.67,
      longitude: 12.57,
      opening_hours: "24/7",
      says: ["store_type", "postal_code", "opening_hours", "certification"],
    });
  });

  it("reads the columns of OSM, and rejects an unknown type", () => {
    const osm = {
      "@type": "node",
      "@id": "5",
      "@lat": "1",
      "@lon": "2",
      name: "A",
      shop: "butcher",
    };
    expect(rowOf(convert(readCsvPlace(osm)))).toMatchObject({
      source_ref: "node/5",
      store_type: "butcher",
    });
    const unknown = { name: "A", lat: "1", lon: "2", type: "palace" };
    expect(rowOf(convert(readCsvPlace(unknown)))).toEqual({ problem: "store_type" });
  });
});
