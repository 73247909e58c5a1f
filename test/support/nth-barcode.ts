import { gtinCheckDigit } from "../../src/food/barcode.ts";

/** A GTIN-13 for each number, in the order of the numbers. */
export function nthBarcode(n: number): string {
  const payload = `376${String(n).padStart(9, "0")}`;
  return `${payload}${gtinCheckDigit(payload)}`;
}
