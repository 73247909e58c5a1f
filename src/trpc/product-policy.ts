import { barcodePolicy } from "../verdict/barcode-policy.ts";
import { VARIANTS_KEPT } from "./fast-query.ts";
import type { Product } from "./product.ts";

/** The entry of a barcode, one for `product.byBarcode`, `scans.record` and `boycott.check`; answers differ by school and language. */
export const productPolicy = barcodePolicy<Product>(VARIANTS_KEPT);
