import { z } from "zod";
import { BARCODE_TEXT_MAX, barcodeFault, readBarcode } from "../food/barcode.ts";

/** A barcode as a scanner or a person gives it, not yet read. */
export const writtenBarcode = z.string().max(BARCODE_TEXT_MAX);

/** The same, read as canonical GTIN-14. */
export const barcodeInput = writtenBarcode.transform((text, context) => {
  const reading = readBarcode(text);
  if (reading.ok) return reading.barcode.gtin14;
  const params = { reason: barcodeFault(reading), text: reading.text };
  context.addIssue({ code: "custom", params });
  return z.NEVER;
});
