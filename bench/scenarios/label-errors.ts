import type { HalalStatus } from "../../src/db/tables/vocabulary.ts";
import { readBarcode, repairBarcode } from "../../src/food/barcode.ts";

/** A labelled line whose expectation the rules of `docs/verdicts.md` contradict, and what counts as right instead. */
interface LabelError {
  readonly accept: readonly HalalStatus[];
  readonly reason: string;
}

const LABEL_ERRORS: Readonly<Record<string, LabelError>> = {
  "8005190402001": {
    accept: ["halal"],
    reason:
      "the list states the origin of its E471, “(di origine vegetale)”, and a stated plant origin settles the doubt",
  },
  "8002630008311": {
    accept: ["halal"],
    reason:
      "the list states the origin of its E471, “di origine vegetale di palma”, and a stated plant origin settles the doubt",
  },
  "8001120291813": {
    accept: ["halal", "doubtful"],
    reason:
      "wine vinegar is doubtful in general, because schools differ; every other wine vinegar of the file accepts both",
  },
};

/** Gives the mended expectation of a labelled line; null where the label stands. */
export function labelError(code: string, accept: readonly HalalStatus[]): LabelError | null {
  const known = LABEL_ERRORS[code];
  if (known !== undefined) return known;
  const repaired = repairBarcode(code);
  const reading = repaired.ok ? readBarcode(repaired.barcode.gtin14) : repaired;
  const isInStore = reading.ok && reading.barcode.inStore;
  if (!isInStore || !accept.includes("halal")) return null;
  return {
    accept: [...accept, "unknown"],
    reason: "an in-store barcode blocks halal: another shop may use the number for something else",
  };
}
