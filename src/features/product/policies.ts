import type { CachedQuery } from "../../cache/policy.ts";
import type { CacheEvent } from "../../db/cache-events.ts";
import { VARIANTS_KEPT } from "../../trpc/fast-query.ts";
import { findByBarcode, type ProductEvidence } from "./queries.ts";

/** A canonical barcode, with the digits that a company's barcodes may begin with. */
export interface BarcodeParameters {
  readonly gtin14: string;
  readonly prefixes: readonly string[];
}

/** Whether a boycott target with these names or prefixes could be, or be the parent of, one of the product's. */
function mayBeBoycotted(
  keys: string,
  { prefixes }: BarcodeParameters,
  { brandKeys, boycottTargets }: ProductEvidence,
): boolean {
  const names = (key: string | null) => key !== null && keys.includes(`|${key}|`);
  return (
    brandKeys.some(names) ||
    prefixes.some(names) ||
    boycottTargets.some(({ parentKey }) => names(parentKey))
  );
}

/**
 * Entries of `product.byBarcode`: one a barcode for every school; a barcode that nobody knows is cached, too.
 * Rulings are not in them: answers are made from an entry and the rulings of the moment.
 */
export const productPolicy: CachedQuery<BarcodeParameters, ProductEvidence> = {
  name: "product",
  shape: "product-2",
  key: ({ gtin14 }) => `product:${gtin14}`,
  isAffected: (event: CacheEvent, parameters, value) => {
    const { ref } = event;
    switch (event.topic) {
      case "product":
        // A line names many barcodes.
        return ref === null || ref.includes(parameters.gtin14);
      case "recall":
        return ref === null || ref === parameters.gtin14;
      case "certifier":
        return (
          value === undefined ||
          (value.product !== null && (ref === null || value.product.certifierId === ref))
        );
      case "boycott":
        return (
          value === undefined ||
          value.boycottTargets.some((target) => ref === null || target.id === ref)
        );
      case "boycott_keys":
        return value === undefined || ref === null || mayBeBoycotted(ref, parameters, value);
      case "source":
        return value === undefined || (ref !== null && value.sourceIds.includes(ref));
      default:
        return false;
    }
  },
  // By school and language.
  answersKept: VARIANTS_KEPT,
  query: findByBarcode,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as ProductEvidence,
};
