import type { HalalStatus } from "../db/tables/vocabulary.ts";
import { readBarcode } from "../food/barcode.ts";
import { type Rulings, SCHOOLS } from "./rulings.ts";
import { evidenceOf, type StoredProduct } from "./stored-product.ts";
import { decideStatus } from "./verdict.ts";

/** The columns of `products` that hold a scan's verdict, in the order of `SCHOOLS`. */
export const COMPUTED_COLUMNS = [
  "computed_status",
  "computed_hanafi",
  "computed_shafii",
  "computed_maliki",
  "computed_hanbali",
] as const;

/** The verdict of a scan without a school and for each school, in the order of `COMPUTED_COLUMNS`. */
export function computeStatuses(
  barcode: string,
  product: StoredProduct,
  rulings: Rulings,
): HalalStatus[] {
  const reading = readBarcode(barcode);
  const inStore = reading.ok && reading.barcode.inStore;
  const evidence = evidenceOf(product, rulings, { inStore, boycottTargets: [] });
  return SCHOOLS.map((school) => decideStatus(evidence, school).halalStatus);
}
