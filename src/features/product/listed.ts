import { MADHABS } from "../../db/tables/vocabulary.ts";
import { readBarcode } from "../../food/barcode.ts";
import type { Rulings } from "../../verdict/rulings.ts";
import { evidenceOf } from "../../verdict/stored-product.ts";
import { decideStatus } from "../../verdict/verdict.ts";
import type { ListedRow } from "./listed-queries.ts";
import type { ListedProduct } from "./schemas.ts";

/** Gives a product of a list the verdict of a scan of it today, without a school and for each. */
export function withVerdict({ stored, ...row }: ListedRow, rulings: Rulings): ListedProduct {
  const reading = readBarcode(row.barcode);
  const inStore = reading.ok && reading.barcode.inStore;
  const evidence = evidenceOf(stored, rulings, { inStore, boycottTargets: [] });
  const { halalStatus, confidence } = decideStatus(evidence, null);
  const bySchool = Object.fromEntries(
    MADHABS.map((madhab) => [madhab, decideStatus(evidence, madhab)]),
  ) as ListedProduct["bySchool"];
  return { ...row, halalStatus, confidenceScore: confidence, bySchool };
}
