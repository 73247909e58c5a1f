import { describe, expect, it } from "vitest";
import { OPEN_FOOD_FACTS } from "../../../src/import/data-sources.ts";
import { indexCertifiers } from "../../../src/import/known-certifiers.ts";
import { readLabelClaim } from "../../../src/import/labels.ts";
import { createProductConverter, PRODUCT_TARGET } from "../../../src/import/products.ts";

const certifiers = indexCertifiers([
  { id: "avs", name: "À Votre Service (AVS)", labelTags: ["fr:a-votre-service"] },
]);
const convert = createProductConverter({ source: OPEN_FOOD_FACTS, certifiers });

function rowOf(value: unknown): Record<string, unknown> {
  const conversion = convert(value);
  if ("problem" in conversion) return { problem: conversion.problem.reason };
  return {
    ...Object.fromEntries(PRODUCT_TARGET.columns.map(({ name }, i) => [name, conversion.cells[i]])),
    notes: (conversion.notes ?? []).map(({ reason }) => reason),
  };
}

describe("createProductConverter", () => {
  it("reads a product of the JSON export", () => {
    const row = rowOf({
      code: "0011110786043",
      product_name: "Green Chile",
      product_name_fr: "Piment vert",
      lang: "en",
      brands: "Silk,  Wwf Operating Company",
      image_url: "https://images.example/1.jpg",
      labels_tags: ["en:halal", "fr:a-votre-service"],
      additives_tags: ["en:e330", "en:e322i", "en:e14xx", "E 330"],
      ingredients_text: "chile,\nwater",
    });
    expect(row).toMatchObject({
      barcode: "00011110786043",
      name: "Green Chile",
      names: '{"en":"Green Chile","fr":"Piment vert"}',
      brand: "Silk, Wwf Operating Company",
      image_url: "https://images.example/1.jpg",
      halal_status: "halal",
      confidence_score: 0.9,
      additives: ["E330", "E322i"],
      ingredients: "chile, water",
      certifier_id: "avs",
      source: "off",
      notes: ["additive_unreadable"],
    });
  });

  it("reads a row of the tab-separated export", () => {
    const row = rowOf({
      code: "11110786043",
      product_name: "Chile",
      labels_tags: "en:halal,en:organic",
      additives_tags: "en:e330,en:e471",
    });
    expect(row).toMatchObject({
      barcode: "00011110786043",
      labels: ["en:halal", "en:organic"],
      additives: ["E330", "E471"],
      confidence_score: 0.6,
      certifier_id: null,
      notes: ["barcode_repaired"],
    });
  });

  it.each([
    ["3.02E+12", "barcode_spreadsheet_damage"],
    ["0011110786044", "barcode_check_digit"],
    ["12345", "barcode_length"],
    ["abc", "barcode_characters"],
    ["", "barcode_length"],
  ])("refuses the barcode %j", (code, problem) => {
    expect(rowOf({ code, product_name: "x" })).toEqual({ problem });
  });

  it("takes a product with half its fields, and none about which nothing is said", () => {
    expect(rowOf({ code: "0011110786043", brands: "Kroger" })).toMatchObject({
      name: null,
      brand: "Kroger",
    });
    expect(rowOf({ code: "0011110786043", product_name: " " })).toEqual({ problem: "empty" });
    expect(rowOf(null)).toEqual({ problem: "not_a_product" });
  });

  it("keeps within what the covering index can hold", () => {
    const row = rowOf({
      code: "0011110786043",
      product_name: "é".repeat(5000),
      brands: "ü".repeat(190),
      image_url: `https://a.example/${"x".repeat(2000)}`,
    });
    const covered = [row["name"], row["brand"], row["image_url"]].map((one) =>
      typeof one === "string" ? one : "",
    );
    expect(Buffer.byteLength(covered.join(""))).toBeLessThanOrEqual(2400);
    expect(row["name"]).not.toContain("\uFFFD");
    expect(row["image_url"]).toBeNull();
  });
});

describe("readLabelClaim", () => {
  it.each([
    [["en:halal"], "halal", 0.6],
    [["fr:viande-halal"], "halal", 0.6],
    [["fr:hallal"], "halal", 0.6],
    [["ru:халяль"], "halal", 0.6],
    [["fr:a-votre-service"], "halal", 0.9],
    [["en:not-halal"], "haram", 0.6],
    [["en:halal", "en:non-halal"], "haram", 0.6],
    [["en:organic", "en:challah", "en:halal2go"], "unknown", 0],
    [[], "unknown", 0],
  ])("%j is %s", (labels, halalStatus, confidence) => {
    const claim = readLabelClaim(labels, certifiers, "Open Food Facts");
    expect(claim).toMatchObject({ halalStatus, confidence });
    expect(claim.reasons.length > 0).toBe(halalStatus !== "unknown");
  });
});
