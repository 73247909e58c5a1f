import { readBarcode } from "../../food/barcode.ts";
import type { Rulings } from "../../verdict/rulings.ts";
import { evidenceOf } from "../../verdict/stored-product.ts";
import { decideStatus } from "../../verdict/verdict.ts";
import type { FavoriteRow } from "./queries.ts";
import type { Favorite } from "./schemas.ts";

/** Gives a favourite product the verdict of a scan of it today, no school chosen. */
export function withVerdict({ stored, product, ...row }: FavoriteRow, rulings: Rulings): Favorite {
  if (product === null) return { ...row, product };
  const reading = readBarcode(product.barcode);
  const inStore = reading.ok && reading.barcode.inStore;
  const evidence = evidenceOf(stored, rulings, { inStore, boycottTargets: [] });
  const { halalStatus, confidence } = decideStatus(evidence, null);
  return { ...row, product: { ...product, halalStatus, confidenceScore: confidence } };
}
