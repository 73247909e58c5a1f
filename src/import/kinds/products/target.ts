import { COMPUTED_COLUMNS } from "../../../verdict/computed-status.ts";
import {
  said,
  SAYS,
  speaksOf,
  type TargetColumn,
  upsertTarget,
} from "../../write/upsert-target.ts";

/** The columns that a file may have, or lack, on their own. */
export const TOPICS = [
  "name",
  "names",
  "brand",
  "image",
  "labels",
  "additives",
  "ingredients",
  "categories",
  "allergens",
] as const;
export type Topic = (typeof TOPICS)[number];

/** The source that fills these becomes the source of the row; an image or a translated name does not change it. */
export const MAIN_TOPICS: readonly Topic[] = [
  "name",
  "brand",
  "labels",
  "additives",
  "ingredients",
];

/** A record of these says all that a product is read and judged by. */
export const ANALYSED_TOPICS: readonly Topic[] = [
  "name",
  "labels",
  "additives",
  "ingredients",
  "categories",
];

const NAME: TargetColumn = {
  name: "name",
  type: "text",
  // A name in one language stands in where there is none.
  update: (existing, incoming) =>
    `case when ${speaksOf("name", incoming)} then ${incoming}.name else coalesce(${existing}.name, ${incoming}.name) end`,
};

/** The columns by which a product is read and judged. */
const ANALYSED: readonly TargetColumn[] = [
  NAME,
  said("halal_status", "text", "labels"),
  said("confidence_score", "double precision", "labels"),
  said("additives", "text[]"),
  said("ingredients", "text"),
  said("ingredient_texts", "jsonb", "ingredients"),
  said("language", "text", "ingredients"),
  said("labels", "text[]"),
  said("categories", "text[]"),
  said("certifier_id", "text", "labels"),
];

const isAnalysed = (incoming: string) => speaksOf("analysis", incoming);

/** Kept from the row where the record says a part of the product only. */
const found = (name: string, type: string): TargetColumn => ({
  name,
  type,
  update: (existing, incoming) =>
    `case when ${isAnalysed(incoming)} then ${incoming}.${name} else ${existing}.${name} end`,
});

/** Null, to be done again, where such a record changes what the product is read or judged by. */
const version = (name: string): TargetColumn => ({
  name,
  type: "integer",
  update: (existing, incoming) => {
    const columns = ANALYSED.map((column) => `${existing}.${column.name}`).join(", ");
    const merged = ANALYSED.map((column) => column.update?.(existing, incoming)).join(", ");
    return `case when ${isAnalysed(incoming)} then ${incoming}.${name} when (${columns}) is not distinct from (${merged}) then ${existing}.${name} end`;
  },
});

/**
 * Products by barcode; what a record does not speak about stays as it is. What an administrator has changed or removed
 * stays so.
 */
export const PRODUCT_TARGET = upsertTarget({
  name: "products",
  table: "products",
  key: "barcode",
  keySql: "s.barcode",
  match: (incoming) => `t.barcode = ${incoming}.barcode`,
  isKept: (existing) => `${existing}.source = 'admin'`,
  isUnwanted: (incoming) =>
    `exists (select from product_removals r where r.barcode = ${incoming}.barcode)`,
  columns: [
    { name: "barcode", type: "char(14)", isKey: true },
    SAYS,
    NAME,
    {
      name: "names",
      type: "jsonb",
      update: (existing, incoming) =>
        `case when ${speaksOf("names", incoming)} then ${incoming}.names else ${existing}.names || ${incoming}.names end`,
    },
    said("brand", "text"),
    said("image_url", "text", "image"),
    said("halal_status", "text", "labels"),
    said("confidence_score", "double precision", "labels"),
    said("reasons", "jsonb", "labels"),
    said("additives", "text[]"),
    said("ingredients", "text"),
    said("ingredient_texts", "jsonb", "ingredients"),
    said("language", "text", "ingredients"),
    said("labels", "text[]"),
    said("categories", "text[]"),
    said("allergens", "text[]"),
    said("certifier_id", "text", "labels"),
    said("source", "text"),
    found("findings", "text"),
    found("name_finding", "jsonb"),
    version("analysis_version"),
    version("computed_version"),
    ...COMPUTED_COLUMNS.map((name) => found(name, "text")),
  ],
});
