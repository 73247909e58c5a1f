import {
  ADDITIVE_STATUS_TARGET,
  ADDITIVE_TAXONOMY_TARGET,
  createEcodeConverter,
  createJsonAdditiveConverter,
  createTaxonomyAdditiveConverter,
} from "./kinds/additives.ts";
import { BOYCOTT_TARGET, createBoycottConverter } from "./kinds/boycotts.ts";
import {
  CERTIFIER_LABELS_TARGET,
  CERTIFIER_TARGET,
  createCertifierConverter,
  createLabelConverter,
} from "./kinds/certifiers.ts";
import {
  type DataSource,
  ECODES,
  OPEN_FOOD_FACTS,
  OPEN_STREET_MAP,
  OWN_FILES,
} from "./write/data-sources.ts";
import { both, type FormatsBySyntax, table } from "./format-parts.ts";
import { readEcodesXml } from "./read/ecodes-xml.ts";
import type { Format } from "./kind.ts";
import { readOsmPlace } from "./kinds/stores/osm.ts";
import { createProductConverter } from "./kinds/products/products.ts";
import { PRODUCT_TARGET } from "./kinds/products/target.ts";
import { readCsvPlace } from "./kinds/stores/store-csv.ts";
import { createStoreConverter } from "./kinds/stores/store-rows.ts";
import { STORE_TARGET } from "./kinds/stores/store-target.ts";
import {
  createJsonIngredientConverter,
  createTaxonomyIngredientConverter,
  SUBSTANCE_TARGET,
} from "./kinds/ingredients.ts";
import { recallFormats } from "./kinds/recalls/recall-formats.ts";
import { createRulingConverter, RULING_TARGET } from "./kinds/rulings.ts";
import { readJsonMembers } from "./read/json-members.ts";
import { readTaxonomy } from "./read/taxonomy.ts";

/** A row of the registry. */
interface KindRow {
  /** The second key of the advisory lock that one import of the kind takes; never change it. */
  readonly lock: number;
  /** Returns the formats of the kind. `head` is the beginning of the file, empty for a list of all formats. */
  readonly formats: (head: string) => FormatsBySyntax;
}

const fromSource = (defaultSource: DataSource) => ({ defaultSource });

const storeFormat = (
  name: string,
  source: DataSource,
  read: typeof readOsmPlace,
): Omit<Format, "read" | "positionUnit"> => ({
  name,
  defaultSource: source,
  target: STORE_TARGET,
  createConverter: (context) => {
    const convert = createStoreConverter(context);
    return (value) => convert(read(value));
  },
});
const STORE_TABLE = table(storeFormat("CSV", OWN_FILES, readCsvPlace));
const PRODUCT_FORMAT = {
  ...fromSource(OPEN_FOOD_FACTS),
  target: PRODUCT_TARGET,
  createConverter: createProductConverter,
};
const CERTIFIER_FORMAT = {
  ...fromSource(OWN_FILES),
  target: CERTIFIER_TARGET,
  createConverter: createCertifierConverter,
};
const BOYCOTT_FORMAT = {
  ...fromSource(OWN_FILES),
  target: BOYCOTT_TARGET,
  createConverter: createBoycottConverter,
};

const INGREDIENTS_JSON: Format = {
  ...fromSource(OPEN_FOOD_FACTS),
  name: "Open Food Facts ingredients taxonomy (JSON)",
  positionUnit: "item",
  target: SUBSTANCE_TARGET,
  read: readJsonMembers,
  createConverter: createJsonIngredientConverter,
};
const RULING_FORMAT = {
  ...fromSource(OWN_FILES),
  target: RULING_TARGET,
  createConverter: createRulingConverter,
};

function defineKinds<K extends string>(rows: Record<K, KindRow>): Readonly<Record<K, KindRow>> {
  return rows;
}

/** The registry of kinds that can be imported. */
export const KINDS = defineKinds({
  stores: {
    lock: 1,
    formats: () => ({
      ...both(storeFormat("GeoJSON or Overpass JSON", OPEN_STREET_MAP, readOsmPlace)),
      tabs: STORE_TABLE,
      commas: STORE_TABLE,
    }),
  },
  products: {
    lock: 2,
    formats: () => ({
      ...both({ ...PRODUCT_FORMAT, name: "Open Food Facts JSON lines" }),
      tabs: table({ ...PRODUCT_FORMAT, name: "Open Food Facts tab-separated export" }),
      commas: table({ ...PRODUCT_FORMAT, ...fromSource(OWN_FILES), name: "CSV" }),
    }),
  },
  additives: {
    lock: 3,
    formats: () => ({
      ...both({
        ...fromSource(OPEN_FOOD_FACTS),
        name: "JSON lines",
        target: ADDITIVE_TAXONOMY_TARGET,
        createConverter: createJsonAdditiveConverter,
      }),
      taxonomy: {
        ...fromSource(OPEN_FOOD_FACTS),
        name: "Open Food Facts additives taxonomy",
        positionUnit: "line",
        target: ADDITIVE_TAXONOMY_TARGET,
        read: readTaxonomy,
        createConverter: createTaxonomyAdditiveConverter,
      },
      xml: {
        ...fromSource(ECODES),
        name: "E-code XML",
        positionUnit: "line",
        target: ADDITIVE_STATUS_TARGET,
        read: readEcodesXml,
        createConverter: createEcodeConverter,
      },
    }),
  },
  certifiers: {
    lock: 4,
    formats: () => ({
      ...both({ ...CERTIFIER_FORMAT, name: "JSON" }),
      tabs: table({ ...CERTIFIER_FORMAT, name: "CSV" }),
      commas: table({ ...CERTIFIER_FORMAT, name: "CSV" }),
      taxonomy: {
        ...fromSource(OPEN_FOOD_FACTS),
        name: "Open Food Facts labels taxonomy",
        positionUnit: "line",
        target: CERTIFIER_LABELS_TARGET,
        read: readTaxonomy,
        createConverter: createLabelConverter,
      },
    }),
  },
  boycotts: {
    lock: 5,
    formats: () => ({
      ...both({ ...BOYCOTT_FORMAT, name: "JSON" }),
      tabs: table({ ...BOYCOTT_FORMAT, name: "CSV" }),
      commas: table({ ...BOYCOTT_FORMAT, name: "CSV" }),
    }),
  },
  ingredients: {
    lock: 6,
    formats: () => ({
      "json-items": INGREDIENTS_JSON,
      "json-lines": INGREDIENTS_JSON,
      taxonomy: {
        ...fromSource(OPEN_FOOD_FACTS),
        name: "Open Food Facts ingredients taxonomy",
        positionUnit: "line",
        target: SUBSTANCE_TARGET,
        read: readTaxonomy,
        createConverter: createTaxonomyIngredientConverter,
      },
    }),
  },
  rulings: {
    lock: 7,
    formats: () => ({
      ...both({ ...RULING_FORMAT, name: "JSON" }),
      tabs: table({ ...RULING_FORMAT, name: "CSV" }),
      commas: table({ ...RULING_FORMAT, name: "CSV" }),
    }),
  },
  recalls: {
    lock: 8,
    formats: recallFormats,
  },
});

/** A kind that can be imported. */
export type ImportKind = keyof typeof KINDS;
export const IMPORT_KINDS = Object.keys(KINDS) as readonly ImportKind[];
