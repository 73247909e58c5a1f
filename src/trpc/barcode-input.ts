import { z } from "zod";
import { barcodeFault, readBarcode } from "../food/barcode.ts";

/** Longer than any barcode; its reader tells what is wrong with one. */
const TEXT_MAX = 500;

/** A barcode as a scanner or a person gives it, read as canonical GTIN-14. */
export const barcodeInput = z
  .string()
  .max(TEXT_MAX)
  .transform((text, context) => {
    const reading = readBarcode(text);
    if (reading.ok) return reading.barcode.gtin14;
    const params = { reason: barcodeFault(reading) };
    context.addIssue({ code: "custom", message: reading.message, params });
    return z.NEVER;
  });
