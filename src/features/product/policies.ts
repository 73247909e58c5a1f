import { VARIANTS_KEPT } from "../../trpc/fast-query.ts";
import type { Product } from "../../trpc/product.ts";
import { barcodePolicy } from "../../verdict/barcode-policy.ts";

/** Entries of `product.byBarcode`: one a barcode for every school and language. */
export const productPolicy = barcodePolicy<Product>(VARIANTS_KEPT);
