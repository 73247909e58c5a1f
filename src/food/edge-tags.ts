/** The name of every product's page. */
export const ALL_PRODUCTS_TAG = "products";

/** The tag of a product's page. Units: canonical GTIN-14. */
export function productTag(gtin14: string): string {
  return `product:${gtin14}`;
}
