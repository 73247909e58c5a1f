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
import { both, type Syntax, table } from "./format-parts.ts";
import { namedDelimiter } from "./read/delimited.ts";
import { readEcodesXml } from "./read/ecodes-xml.ts";
import type { Format, ImportKind } from "./kind.ts";
import { readOsmPlace } from "./kinds/stores/osm.ts";
import { createProductConverter } from "./kinds/products/products.ts";
import { PRODUCT_TARGET } from "./kinds/products/target.ts";
import { isObject } from "./read/records.ts";
import { SourceError } from "./read/source.ts";
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

const HEAD_CHARACTERS = 1 << 16;
const LINE_END = /\r\n?|\n/;

/**
 * Looks at the beginning of a file without taking it away.
 * Null when the file is empty.
 */
export async function peek(
  chunks: AsyncIterable<Buffer>,
): Promise<{ head: string; chunks: AsyncIterable<Buffer> } | null> {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let bytes = 0;
  while (bytes < HEAD_CHARACTERS) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    taken.push(value);
    bytes += value.length;
  }
  const head = Buffer.concat(taken).subarray(0, HEAD_CHARACTERS).toString("utf8");
  if (head.trim() === "") return null;
  async function* all(): AsyncGenerator<Buffer> {
    yield* taken.splice(0);
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head, chunks: all() };
}

/** Tells the syntax of a file of one kind from its first characters. */
export function findSyntax(kind: ImportKind, head: string): Syntax {
  const text = head.trimStart();
  if (/^<(?:\?xml|!--|!DOCTYPE|ecodes?[\s>]|osm[\s>])/.test(text)) return "xml";
  if (text.startsWith("[")) return "json-items";
  if (text.startsWith("{") || text.startsWith("\u001E")) return findJsonSyntax(kind, text);
  const lines = text.split(LINE_END, 200).filter((line) => !/^\s*(?:#|$)/.test(line));
  // A file that begins in the middle of a line, or with a line of something else.
  const objects = lines.filter((line) => line.startsWith("{")).length;
  if (objects > 0 && objects * 2 >= lines.length) return "json-lines";
  if (/^(?:<?[a-z]{2,3}:|stopwords:|synonyms:)/.test(lines[0] ?? "")) return "taxonomy";
  const named = namedDelimiter(lines[0] ?? "");
  return named === "\t" || (named === null && (lines[0] ?? "").includes("\t")) ? "tabs" : "commas";
}

function findJsonSyntax(kind: ImportKind, text: string): Syntax {
  const [first = "", second] = text.split(LINE_END, 2).map((line) => line.trim());
  if (second !== undefined) {
    const whole = objectOf(first.startsWith("\u001E") ? first.slice(1) : first);
    if (whole !== null) return isCollection(whole) ? "json-items" : "json-lines";
    const isOpenEnded = /[[{,:]$/.test(first);
    return second.startsWith("{") && !isOpenEnded ? "json-lines" : "json-items";
  }
  // One long line: a product's record, or a whole collection.
  const isList = /"(?:features|elements|items|products|additives)"\s*:\s*\[/.test(text);
  return kind === "products" && !isList ? "json-lines" : "json-items";
}

function objectOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isCollection = (value: Readonly<Record<string, unknown>>) =>
  ["features", "elements", "recalls", "results"].some((name) => Array.isArray(value[name]));

/**
 * Chooses how a file of one kind is read.
 * Errors: SourceError when the kind is not read from such a file.
 */
export function chooseFormat(kind: ImportKind, head: string): Format {
  const syntax = findSyntax(kind, head);
  const format = (kind === "recalls" ? recallFormats(head) : FORMATS[kind])[syntax];
  if (format !== undefined) return format;
  throw new SourceError(
    syntax === "xml" && kind === "stores"
      ? "XML is not read: export GeoJSON or Overpass JSON instead"
      : `${kind} are not read from a file like this one (${SYNTAX_NAMES[syntax]}), but from ${[...new Set(Object.values(FORMATS[kind]).map(({ name }) => name))].join(", ")}`,
  );
}

const SYNTAX_NAMES: Readonly<Record<Syntax, string>> = {
  "json-lines": "JSON lines",
  "json-items": "JSON",
  xml: "XML",
  taxonomy: "an Open Food Facts taxonomy",
  tabs: "a tab-separated table",
  commas: "a comma-separated table, or no table at all",
};

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

const FORMATS: Readonly<Record<ImportKind, Partial<Record<Syntax, Format>>>> = {
  stores: {
    ...both(storeFormat("GeoJSON or Overpass JSON", OPEN_STREET_MAP, readOsmPlace)),
    tabs: STORE_TABLE,
    commas: STORE_TABLE,
  },
  products: {
    ...both({ ...PRODUCT_FORMAT, name: "Open Food Facts JSON lines" }),
    tabs: table({ ...PRODUCT_FORMAT, name: "Open Food Facts tab-separated export" }),
    commas: table({ ...PRODUCT_FORMAT, ...fromSource(OWN_FILES), name: "CSV" }),
  },
  additives: {
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
  },
  certifiers: {
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
  },
  ingredients: {
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
  },
  recalls: recallFormats(""),
  rulings: {
    ...both({ ...RULING_FORMAT, name: "JSON" }),
    tabs: table({ ...RULING_FORMAT, name: "CSV" }),
    commas: table({ ...RULING_FORMAT, name: "CSV" }),
  },
  boycotts: {
    ...both({ ...BOYCOTT_FORMAT, name: "JSON" }),
    tabs: table({ ...BOYCOTT_FORMAT, name: "CSV" }),
    commas: table({ ...BOYCOTT_FORMAT, name: "CSV" }),
  },
};
