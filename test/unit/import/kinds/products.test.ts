import { describe, expect, it } from "vitest";
import { OPEN_FOOD_FACTS } from "../../../../src/import/write/data-sources.ts";
import { indexCertifiers } from "../../../../src/import/kinds/known-certifiers.ts";
import { readLabelClaim } from "../../../../src/import/kinds/products/labels.ts";
import { createProductConverter } from "../../../../src/import/kinds/products/products.ts";
import { PRODUCT_TARGET } from "../../../../src/import/kinds/products/target.ts";

const certifiers = indexCertifiers([
  { id: "avs", name: "À Votre Service (AVS)", labelTags: ["fr:a-votre-service"] },
]);
const convert = createProductConverter({
  source: OPEN_FOOD_FACTS,
  certifiers,
  now: new Date("2026-11-26T12:00:00Z"),
});

function rowOf(value: unknown): Record<string, unknown> {
  const conversion = convert(value);
  if ("problem" in conversion) return { problem: conversion.problem.reason };
  return {
    ...Object.fromEntries(PRODUCT_TARGET.columns.map(({ name }, i) => [name, conversion.cells[i]])),
    notes: (conversion.notes ?? []).map(({ reason }) => reason),
  };
}

/** Each says in its own way that the product is not halal. */
const NEGATED = [
  "not halal",
  "Not halal",
  "Non halal",
  "en:not-halal",
  "en:non-halal",
  "en:no-halal",
  "en:nonhalal",
  "en:halal-free",
  "en:unsuitable-for-halal",
  "en:not-suitable-for-halal",
  "en:does-not-meet-halal-standards",
  "en:haram",
  "fr:non-halal",
  "fr:pas-halal",
  "fr:viande-non-halal",
  "de:nicht-halal",
  "de:kein-halal",
  "de:halal-frei",
  "es:no-halal",
  "it:non-halal",
  "nl:niet-halal",
  "nl:geen-halal",
  "pt:nao-halal",
  "pt:não-halal",
  "pl:nie-halal",
  "ru:не-халяль",
  "tr:helal-degil",
  "tr:helal-değil",
  "tr:helal-olmayan",
  "id:tidak-halal",
  "ms:bukan-halal",
  "ms:tidak-halal",
  "sv:inte-halal",
  "ar:غير-حلال",
  "ar:ليس-حلال",
  "fa:غیر-حلال",
  "ur:غیر-حلال",
  "ur:حلال-نہیں",
  "bn:হালাল-নয়",
];
/** About halal, and yet no statement that is understood. */
const SAYS_NOTHING = [
  "en:non-certified-halal",
  "en:uncertified-halal",
  "fr:non-certifie-halal",
  "en:halal-snack-pack-style",
  "en:challah",
  "en:halal2go",
  "en:pending-halal",
];

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
  ])("rejects the barcode %j", (code, problem) => {
    expect(rowOf({ code, product_name: "x" })).toEqual({ problem });
  });

  it("accepts a product with half of its fields, and rejects one without any facts", () => {
    expect(rowOf({ code: "0011110786043", brands: "Kroger" })).toMatchObject({
      name: null,
      brand: "Kroger",
    });
    expect(rowOf({ code: "0011110786043", product_name: " " })).toEqual({ problem: "empty" });
    expect(rowOf(null)).toEqual({ problem: "not_a_product" });
  });

  it("uses the first list of tags in the file, even if the list is empty", () => {
    const debug = { code: "0011110786043", product_name: "x", additives: "[ chile -> en:chile ]" };
    expect(rowOf({ ...debug, additives_tags: "" })).toMatchObject({ additives: [], notes: [] });
    expect(rowOf({ ...debug, additives: "E330, E471" })).toMatchObject({
      additives: ["E330", "E471"],
    });
  });

  it("reports which columns the record has", () => {
    const code = "0011110786043";
    expect(rowOf({ code, brands: "Kroger" })["says"]).toEqual(["brand"]);
    const table = { product_name: "x", brands: "", labels_tags: "", additives_tags: "" };
    expect(rowOf({ code, ...table, ingredients_text: "" })["says"]).toEqual([
      "name",
      "brand",
      "labels",
      "additives",
      "ingredients",
      "source",
    ]);
    const whole = { code, _id: code, last_modified_t: 1, product_name: "x" };
    expect(rowOf(whole)["says"]).toContain("image");
  });

  it("builds the address of the front picture from the export's images", () => {
    const images = {
      1: { uploader: "a", sizes: {} },
      ingredients_fr: { rev: "9", imgid: "1" },
      front_fr: { rev: "12", imgid: "1" },
      front_en: { rev: 4, imgid: "1" },
    };
    const of = (value: Record<string, unknown>) =>
      rowOf({ code: "3435660768163", product_name: "x", ...value })["image_url"];
    const folder = "https://images.openfoodfacts.org/images/products/343/566/076/8163";
    expect(of({ images, lang: "fr" })).toBe(`${folder}/front_fr.12.400.jpg`);
    expect(of({ images, lang: "de" })).toBe(`${folder}/front_en.4.400.jpg`);
    expect(of({ images: { selected: { front: { fr: { rev: "7" } } }, uploaded: {} } })).toBe(
      `${folder}/front_fr.7.400.jpg`,
    );
    expect(of({ images, image_url: "https://a.example/1.jpg" })).toBe("https://a.example/1.jpg");
    expect(of({ images: { front_en: { rev: "../1" } } })).toBeNull();
    expect(of({ code: "96385074", images, lang: "fr" })).toBe(
      "https://images.openfoodfacts.org/images/products/000/009/638/5074/front_fr.12.400.jpg",
    );
  });

  it("shortens values to the size that the covering index allows", () => {
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
  it.each<[readonly string[], string, number]>([
    [["en:halal"], "halal", 0.6],
    [["fr:viande-halal"], "halal", 0.6],
    [["fr:hallal"], "halal", 0.6],
    [["ru:халяль"], "halal", 0.6],
    [["fr:a-votre-service"], "halal", 0.9],
    [["en:not-halal"], "haram", 0.6],
    [["en:halal", "en:non-halal"], "haram", 0.6],
    [["en:halal-certified", "tr:helal-sertifikali", "id:bersertifikat-halal"], "halal", 0.6],
    [["ar:حلال"], "halal", 0.6],
    [["Halal"], "halal", 0.6],
    [["en:halal-food-authority"], "halal", 0.6],
    ...NEGATED.map((label): [string[], string, number] => [["en:halal", label], "haram", 0.6]),
    ...SAYS_NOTHING.map((label): [string[], string, number] => [[label], "unknown", 0]),
    [["en:organic", "en:challah", "en:halal2go"], "unknown", 0],
    [[], "unknown", 0],
  ])("reads %j as %s", (labels, halalStatus, confidence) => {
    const claim = readLabelClaim(labels, certifiers, "Open Food Facts");
    expect(claim).toMatchObject({ halalStatus, confidence });
    expect(claim.reasons.length > 0).toBe(halalStatus !== "unknown");
  });
});
