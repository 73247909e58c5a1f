import { describe, expect, it } from "vitest";
import { BOYCOTT_TARGET, createBoycottConverter } from "../../../../src/import/kinds/boycotts.ts";
import {
  CERTIFIER_TARGET,
  createCertifierConverter,
  createLabelConverter,
} from "../../../../src/import/kinds/certifiers.ts";
import { OWN_FILES } from "../../../../src/import/write/data-sources.ts";
import type { Conversion } from "../../../../src/import/kind.ts";
import { indexCertifiers } from "../../../../src/import/kinds/known-certifiers.ts";
import type { Target } from "../../../../src/import/write/upsert-target.ts";

const certifiers = indexCertifiers([
  { id: "sfcvh", name: "Société française de contrôle (SFCVH)", labelTags: [] },
]);
const context = { source: OWN_FILES, certifiers, now: new Date("2026-11-26T12:00:00Z") };
function rowOf(target: Target, conversion: Conversion): Record<string, unknown> {
  if ("problem" in conversion) return { problem: conversion.problem.reason };
  return Object.fromEntries(target.columns.map(({ name }, i) => [name, conversion.cells[i]]));
}

describe("createCertifierConverter", () => {
  const convert = (value: unknown) =>
    rowOf(CERTIFIER_TARGET, createCertifierConverter(context)(value));

  it("reads the same row from JSON and from CSV", () => {
    const wanted = {
      id: "a-votre-service",
      name: "À Votre Service",
      country: "FR",
      website: "https://avs.fr",
      trust_score: 80,
      trust_criteria: '[{"criterion":"inspectors","met":true,"points":25}]',
      label_tags: ["fr:a-votre-service", "fr:avs"],
      source: "import",
    };
    const criteria = [{ criterion: "inspectors", met: true, points: 25 }];
    expect(
      convert({
        name: "À Votre Service",
        country: "fr",
        website: "avs.fr",
        trustScore: 80,
        trustCriteria: criteria,
        labelTags: ["fr:avs", "fr:A-Votre-Service"],
      }),
    ).toEqual(wanted);
    expect(
      convert({
        Name: "À Votre Service",
        Country: "FR",
        Website: "https://avs.fr",
        "Trust score": "80",
        trust_criteria: JSON.stringify(criteria),
        label_tags: "fr:avs|fr:a-votre-service",
      }),
    ).toEqual(wanted);
  });

  it("sets only the columns that the file has", () => {
    expect(convert({ id: "x", name: "X", country: "" })).toMatchObject({
      country: null,
      trust_score: null,
      trust_criteria: null,
      label_tags: null,
    });
  });

  it.each([
    [{ country: "FR" }, "no_name"],
    [{ id: "No Slug", name: "X" }, "bad_id"],
    [{ name: "حلال" }, "bad_id"],
    [{ name: "X", country: "France" }, "bad_country"],
    [{ name: "X", trustScore: "101" }, "bad_trust_score"],
    [{ name: "X", trustScore: "many" }, "bad_trust_score"],
    [{ name: "X", trustCriteria: "[{]" }, "bad_trust_criteria"],
    [{ name: "X", trustCriteria: [{ criterion: "a" }] }, "bad_trust_criteria"],
    ["text", "not_a_certifier"],
  ])("rejects %j", (value, problem) => {
    expect(convert(value)).toEqual({ problem });
  });
});

describe("createLabelConverter", () => {
  const entry = (language: string, names: string[], parents = ["en:Halal"]) => ({
    language,
    name: names[0] ?? "",
    names: { [language]: names },
    parents,
    properties: new Map<string, string>(),
  });
  const convert = createLabelConverter(context);

  it("finds the certifier by any of the label's names", () => {
    expect(
      convert(entry("fr", ["Société Française de Contrôle de Viande Halal", "sfcvh"])),
    ).toEqual({
      cells: ["sfcvh", "fr:societe-francaise-de-controle-de-viande-halal"],
    });
  });

  it("rejects an unknown certifier, and the label of halal itself", () => {
    expect(convert(entry("fr", ["Nobody"]))).toMatchObject({
      problem: { reason: "certifier_unknown" },
    });
    expect(convert(entry("en", ["Halal"], []))).toMatchObject({
      problem: { reason: "not_a_certifier" },
    });
  });
});

describe("createBoycottConverter", () => {
  const convert = (value: unknown) => rowOf(BOYCOTT_TARGET, createBoycottConverter(context)(value));

  it("reads the same row from JSON and from CSV", () => {
    const wanted = {
      company_name: "Acme Foods",
      says: ["brands", "parent_company", "reasons", "source_url", "gtin_prefixes", "source"],
      brands: ["Acme", "Snax", "Snax Light"],
      parent_company: "Acme Holding",
      level: "official",
      reasons: ["a", "b"],
      source_url: "https://list.example/acme",
      gtin_prefixes: ["9520005"],
      active: false,
      source: "import",
    };
    expect(
      convert({
        companyName: "Acme Foods",
        brands: ["Acme", "Snax"],
        brandAliases: ["Snax Light", "Acme"],
        parentCompany: "Acme Holding",
        level: "official",
        reasons: ["a", "b"],
        sourceUrl: "https://list.example/acme",
        gtinPrefixes: ["9520005"],
        active: false,
      }),
    ).toEqual(wanted);
    expect(
      convert({
        company_name: "Acme Foods",
        brands: "Acme|Snax",
        brand_aliases: "Snax Light",
        "Parent company": "Acme Holding",
        Level: "Official",
        reasons: "a;b",
        source_url: "https://list.example/acme",
        gtin_prefixes: "9520005",
        active: "no",
      }),
    ).toEqual(wanted);
  });

  it.each([
    [{ brands: ["A"] }, "no_company"],
    [{ companyName: "!!!" }, "no_company"],
    [{ companyName: "A", level: "angry" }, "bad_level"],
    [{ companyName: "A", active: "perhaps" }, "bad_active"],
    [{ companyName: "A", gtinPrefixes: ["12a"] }, "bad_gtin_prefix"],
  ])("rejects %j", (value, problem) => {
    expect(convert(value)).toEqual({ problem });
  });
});
