import type { JournalLine } from "../db/held-journal.ts";
import { ALL_PRODUCTS_TAG, productTag } from "../food/edge-tags.ts";
import { ALL_STORES_TAG, storeTag, storeTags } from "../geo/edge-tags.ts";

/** The topics of which an edge keeps answers. */
export const PURGED_TOPICS = [
  "store",
  "certifier",
  "product",
  "recall",
  "boycott",
  "boycott_keys",
  "ruling",
  "additive",
  "source",
  "app_config",
  "flush",
] as const;

/** The tags of a flushed cache; those of others are not at the edge. */
const FLUSHED: Readonly<Record<string, readonly string[]>> = {
  stores: [ALL_STORES_TAG],
  store: [ALL_STORES_TAG],
  product: [ALL_PRODUCTS_TAG],
  rulings: [ALL_PRODUCTS_TAG],
  certifiers: ["certifiers"],
  boycott: ["boycotts"],
  "additive-list": ["additives"],
  "app-config": ["app-config"],
};

/** An import writes more than this; then one tag for all products takes less time than naming each. */
const PRODUCTS_NAMED_MAX = 1_000;

/** The tags of the answers that events may change. */
export function tagsOfLines(lines: readonly JournalLine[]): ReadonlySet<string> {
  const tags = new Set(lines.flatMap(tagsOf));
  const products = [...tags].filter((tag) => tag.startsWith(productTag("")));
  if (products.length > PRODUCTS_NAMED_MAX) {
    for (const tag of products) tags.delete(tag);
    tags.add(ALL_PRODUCTS_TAG);
  }
  return tags;
}

function tagsOf({ topic, ref, latitude, longitude }: JournalLine): readonly string[] {
  switch (topic) {
    case "store":
      if (latitude === null || longitude === null) return [ALL_STORES_TAG];
      return [...storeTags({ latitude, longitude }), ...(ref === null ? [] : [storeTag(ref)])];
    case "certifier":
      // Lists and pages of stores show its name, and pages of products what it has certified.
      return ["certifiers", ALL_STORES_TAG, ALL_PRODUCTS_TAG];
    case "product":
    case "recall":
      return productTags(ref);
    case "boycott":
      return ["boycotts", ALL_PRODUCTS_TAG];
    case "boycott_keys":
    case "ruling":
      return [ALL_PRODUCTS_TAG];
    case "additive":
      return ["additives", ALL_PRODUCTS_TAG];
    case "source":
      // Everything names where it comes from.
      return ["additives", ALL_STORES_TAG, ALL_PRODUCTS_TAG];
    case "app_config":
      return ["app-config"];
    case "flush":
      return FLUSHED[ref ?? ""] ?? [];
    default:
      return [];
  }
}

/** The tags of the products that a line names, with commas between them; null: any. */
function productTags(ref: string | null): readonly string[] {
  const barcodes = ref?.split(",") ?? [];
  return barcodes.length === 0 ? [ALL_PRODUCTS_TAG] : barcodes.map(productTag);
}
