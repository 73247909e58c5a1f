import type { boycottTargets } from "../../db/tables/boycotts.ts";
import type { BoycottLevel } from "../../db/tables/vocabulary.ts";
import { deterministicUuid } from "./random.ts";

/** A row for `boycott_targets` with every column that the demo data sets. */
export type DemoBoycottTarget = Required<
  Omit<typeof boycottTargets.$inferInsert, "createdAt" | "updatedAt">
>;

type Target = readonly [
  key: string,
  companyName: string,
  brands: readonly string[],
  parentCompany: string | null,
  level: BoycottLevel,
  gtinPrefixes: readonly string[],
];

const TARGETS: readonly Target[] = [
  [
    "brindlemoor",
    "Brindlemoor Fictional Foods",
    ["Brindlesnax", "Moorberry"],
    null,
    "official",
    ["9520005"],
  ],
  [
    "ozmarra",
    "Ozmarra Invented Drinks",
    ["Fizzarra", "Ozmarra"],
    "Brindlemoor Fictional Foods",
    "official",
    ["9520006"],
  ],
  [
    "quillfen",
    "Quillfen Imaginary Dairy",
    ["Quillfen", "Crème Fenelle"],
    "Vantoile Pretend Holding",
    "grassroots",
    ["9520007"],
  ],
  ["vantoile", "Vantoile Pretend Holding", [], null, "pressure", []],
  [
    "tallowick",
    "Tallowick Make-Believe Sweets",
    ["Tallowick", "Gumdrolls"],
    "Vantoile Pretend Holding",
    "community",
    ["9520008"],
  ],
  [
    "pellmarrow",
    "Pellmarrow Storybook Coffee",
    ["Pellmarrow", "Café Noirelle"],
    null,
    "grassroots",
    [],
  ],
];

/**
 * Boycott targets of the demo data: every company and brand is invented, and no real one is meant.
 * Units: GTIN prefixes as the leading digits of a GTIN-13.
 */
export const DEMO_BOYCOTT_TARGETS: readonly DemoBoycottTarget[] = TARGETS.map(
  ([key, companyName, brands, parentCompany, level, gtinPrefixes]) => ({
    id: deterministicUuid(`boycott ${key}`),
    companyName,
    brands: [...brands],
    parentCompany,
    level,
    reasons: ["Demo data: an invented company, listed to show how a listed company looks."],
    sourceUrl: `https://demo.example/boycotts/${key}`,
    gtinPrefixes: [...gtinPrefixes],
    active: true,
    source: "demo",
  }),
);
