import { describe, expect, test } from "vitest";
import { DEMO_ADDITIVES, DEMO_RULINGS } from "../../../../src/seed/demo/additives.ts";
import { DEMO_ALERTS } from "../../../../src/seed/demo/alerts.ts";
import { DEMO_BOYCOTT_TARGETS } from "../../../../src/seed/demo/boycotts.ts";
import { DEMO_CERTIFIERS } from "../../../../src/seed/demo/certifiers.ts";
import { DEMO_PRODUCTS } from "../../../../src/seed/demo/products.ts";
import { BOYCOTT_LEVELS } from "../../../../src/db/tables/vocabulary.ts";

const unique = (values: readonly unknown[]) => new Set(values).size === values.length;

describe("the certifiers of the demo data", () => {
  test("are at least 25, each with a slug, a country and a score that its criteria add up to", () => {
    expect(DEMO_CERTIFIERS.length).toBeGreaterThanOrEqual(25);
    expect(unique(DEMO_CERTIFIERS.map(({ id }) => id))).toBe(true);
    for (const { id, country, website, trustScore, trustCriteria } of DEMO_CERTIFIERS) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(country).toMatch(/^[A-Z]{2}$/);
      expect(website ?? "https://none.example").toMatch(/^https:\/\/[a-z0-9.-]+$/);
      const sum = (trustCriteria ?? []).reduce((s, c) => s + (c.met ? c.points : 0), 0);
      expect(trustScore).toBe(sum);
      expect(sum).toBeLessThanOrEqual(100);
      expect((trustCriteria ?? []).every((c) => c.criterion.includes("demo value"))).toBe(true);
    }
  });
});

describe("the additives of the demo data", () => {
  test("have a valid code, three names and a source that says that the status is not a fatwa", () => {
    expect(DEMO_ADDITIVES.length).toBeGreaterThanOrEqual(60);
    expect(unique(DEMO_ADDITIVES.map(({ code }) => code))).toBe(true);
    for (const { code, nameEn, nameFr, nameAr, statusSource } of DEMO_ADDITIVES) {
      expect(code).toMatch(/^E[0-9]{3,4}[a-z]?[ivx]*$/);
      expect(nameEn && nameFr).toBeTruthy();
      expect(nameAr).toMatch(/\p{Script=Arabic}/u);
      expect(statusSource).toContain("not a fatwa");
    }
  });

  test("have at most one ruling for each school, only for existing additives, and some schools that differ", () => {
    const codes = new Set(DEMO_ADDITIVES.map(({ code }) => code));
    expect(unique(DEMO_RULINGS.map((r) => `${r.additiveCode} ${r.madhab}`))).toBe(true);
    for (const { additiveCode } of DEMO_RULINGS) {
      expect(codes).toContain(additiveCode);
      const rulings = DEMO_RULINGS.filter((r) => r.additiveCode === additiveCode);
      expect(new Set(rulings.map((r) => r.halalStatus)).size).toBeGreaterThan(1);
    }
  });
});

describe("the products of the demo data", () => {
  test("have unique GTIN-14s of the GS1 demonstration prefix with a right check digit", () => {
    expect(DEMO_PRODUCTS.length).toBeGreaterThanOrEqual(120);
    expect(unique(DEMO_PRODUCTS.map(({ barcode }) => barcode))).toBe(true);
    expect(unique(DEMO_PRODUCTS.map(({ id }) => id))).toBe(true);
    for (const { barcode } of DEMO_PRODUCTS) {
      expect(barcode).toMatch(/^0952[0-9]{10}$/);
      // From the right, weights 1, 3, 1, 3 … over all digits make a multiple of ten.
      const sum = Array.from(barcode, Number)
        .toReversed()
        .reduce((total, digit, i) => total + digit * (i % 2 === 0 ? 1 : 3), 0);
      expect({ barcode, remainder: sum % 10 }).toEqual({ barcode, remainder: 0 });
    }
  });

  test("name only existing additives and certifiers", () => {
    const codes = new Set(DEMO_ADDITIVES.map(({ code }) => code));
    const certifierIds = new Set(DEMO_CERTIFIERS.map(({ id }) => id));
    for (const { additives, certifierId } of DEMO_PRODUCTS) {
      for (const code of additives ?? []) expect(codes).toContain(code);
      expect(certifierIds.has(certifierId ?? "avs")).toBe(true);
    }
  });

  test("have every status, and no confidence if the status is unknown", () => {
    expect(new Set(DEMO_PRODUCTS.map((p) => p.halalStatus)).size).toBe(4);
    for (const { confidenceScore, halalStatus } of DEMO_PRODUCTS) {
      expect(confidenceScore === 0).toBe(halalStatus === "unknown");
      expect(confidenceScore).toBeLessThanOrEqual(1);
    }
  });
});

describe("the boycott targets of the demo data", () => {
  test("cover every level and state that they are invented", () => {
    expect(new Set(DEMO_BOYCOTT_TARGETS.map((t) => t.level))).toEqual(new Set(BOYCOTT_LEVELS));
    for (const { reasons } of DEMO_BOYCOTT_TARGETS) expect(reasons?.join()).toContain("invented");
  });

  test("own the demo products whose barcodes begin with their prefixes", () => {
    for (const { brands, gtinPrefixes } of DEMO_BOYCOTT_TARGETS) {
      for (const prefix of gtinPrefixes ?? []) {
        const products = DEMO_PRODUCTS.filter((p) => p.barcode.startsWith(`0${prefix}`));
        expect(products.length).toBeGreaterThan(0);
        for (const { brand } of products) expect(brands).toContain(brand);
      }
    }
  });
});

describe("the alerts of the demo data", () => {
  test("were published in 2026, and some are over", () => {
    expect(unique(DEMO_ALERTS.map(({ id }) => id))).toBe(true);
    for (const { publishedAt, expiresAt } of DEMO_ALERTS) {
      expect(publishedAt?.getUTCFullYear()).toBe(2026);
      expect(expiresAt?.getTime() ?? Infinity).toBeGreaterThan(publishedAt?.getTime() ?? 0);
    }
    expect(
      DEMO_ALERTS.some(({ expiresAt }) => expiresAt && expiresAt < new Date("2026-11-01")),
    ).toBe(true);
    expect(DEMO_ALERTS.filter(({ expiresAt }) => expiresAt === null).length).toBeGreaterThan(3);
  });
});
