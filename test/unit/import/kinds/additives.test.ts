import { describe, expect, it } from "vitest";
import {
  ADDITIVE_STATUS_TARGET,
  ADDITIVE_TAXONOMY_TARGET,
  createEcodeConverter,
  createJsonAdditiveConverter,
  createTaxonomyAdditiveConverter,
} from "../../../../src/import/kinds/additives.ts";
import { ECODES, OPEN_FOOD_FACTS } from "../../../../src/import/write/data-sources.ts";
import { readEcodesXml } from "../../../../src/import/read/ecodes-xml.ts";
import type { Conversion } from "../../../../src/import/kind.ts";
import { indexCertifiers } from "../../../../src/import/kinds/known-certifiers.ts";
import type { Target } from "../../../../src/import/write/upsert-target.ts";
import { readTaxonomy } from "../../../../src/import/read/taxonomy.ts";
import { collect, inChunks, valuesOf } from "../bytes.ts";

const certifiers = indexCertifiers([]);
function rowOf(target: Target, conversion: Conversion): Record<string, unknown> {
  if ("problem" in conversion) return { problem: conversion.problem.reason };
  return Object.fromEntries(target.columns.map(({ name }, i) => [name, conversion.cells[i]]));
}

const TAXONOMY = `# about it
stopwords:en: of

synonyms:en: colour, color

en:E322, Lecithins
fr:E322, Lécithines
ar:E322, :ليسيثين
e_number:en:322
additives_classes:en: en:antioxidant, en:emulsifier
vegan:en:maybe

# sub
<en:E322
<en:Lecithins
en:E322(i), E322i food additive, 6\\,7-Lecithin
vegetarian:en:yes

en:E14XX, Modified starch
`;

describe("the additives of the taxonomy", () => {
  it("have names, classes, diets and parents", async () => {
    const entries = valuesOf(await collect(readTaxonomy(inChunks(TAXONOMY))));
    const convert = createTaxonomyAdditiveConverter({
      source: OPEN_FOOD_FACTS,
      certifiers,
      now: new Date("2026-11-26T12:00:00Z"),
    });
    const rows = entries.map((entry) => rowOf(ADDITIVE_TAXONOMY_TARGET, convert(entry)));
    expect(rows).toEqual([
      {
        code: "E322",
        name_en: "Lecithins",
        name_fr: "Lécithines",
        name_ar: "ليسيثين",
        category: "antioxidant, emulsifier",
        vegan: "maybe",
        vegetarian: null,
        parents: [],
        source: "off",
      },
      {
        code: "E322i",
        name_en: "6,7-Lecithin",
        name_fr: null,
        name_ar: null,
        category: null,
        vegan: null,
        vegetarian: "yes",
        parents: ["E322"],
        source: "off",
      },
      { problem: "not_an_e_number" },
    ]);
  });

  it("equal those of the JSON lines that are derived from the taxonomy", async () => {
    const [first] = valuesOf(await collect(readTaxonomy(inChunks(TAXONOMY))));
    const fromText = createTaxonomyAdditiveConverter({
      source: OPEN_FOOD_FACTS,
      certifiers,
      now: new Date("2026-11-26T12:00:00Z"),
    })(first);
    const fromJson = createJsonAdditiveConverter({
      source: OPEN_FOOD_FACTS,
      certifiers,
      now: new Date("2026-11-26T12:00:00Z"),
    })({
      id: "en:e322",
      names: { en: ["E322", "Lecithins"], fr: ["E322", "Lécithines"], ar: ["E322", ":ليسيثين"] },
      parents: [],
      classes: "en:antioxidant, en:emulsifier",
      vegan: "maybe",
      vegetarian: null,
    });
    expect(fromJson).toEqual(fromText);
  });
});

describe("a file of E-codes in XML", () => {
  const read = async (xml: string) => valuesOf(await collect(readEcodesXml(inChunks(xml, 5))));

  it("gives additives with a halal status", async () => {
    const elements = await read(
      `<?xml version="1.0"?>\n<ecodes><!-- <ecode id="E1"/> -->
        <ecode id="E102" name="Tartrazine (FD&amp;C &#x59;ellow > 5)" purpose="Food colouring" status="HALAL" vegetarian="1" />
        <ecode id='E120' name='Carmine' purpose='N/A' status='HARAM' vegetarian='0'></ecode>
        <ecode id="E1" status="HALAL"/><ecode id="E100" status="PERHAPS"/>
      </ecodes>`,
    );
    const convert = createEcodeConverter({
      source: ECODES,
      certifiers,
      now: new Date("2026-11-26T12:00:00Z"),
    });
    expect(elements.map((one) => rowOf(ADDITIVE_STATUS_TARGET, convert(one)))).toEqual([
      {
        code: "E102",
        halal_status: "halal",
        explanation: null,
        explanation_language: null,
        explanation_texts: null,
        status_source: ECODES.name,
        name_en: "Tartrazine (FD&C Yellow > 5)",
        category: "food colouring",
        vegetarian: "yes",
        source: "ecodes",
      },
      expect.objectContaining({
        code: "E120",
        halal_status: "haram",
        category: null,
        vegetarian: "no",
      }),
      { problem: "not_an_e_number" },
      { problem: "status" },
    ]);
  });

  it("is rejected with a document type, and when it is cut off", async () => {
    await expect(
      read('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><ecodes/>'),
    ).rejects.toThrow(/document type/);
    await expect(read('<ecodes><ecode id="E100" sta')).rejects.toThrow(/cut off/);
  });
});
