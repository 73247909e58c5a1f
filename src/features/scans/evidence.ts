import type { BarcodeRow, LabelAdditive } from "./queries.ts";
import type { AdditiveEvidence, VerdictEvidence } from "./verdict-evidence.ts";

/** What the verdict's rules need, from what the tables know of a barcode. */
export function evidenceOf(row: BarcodeRow, inStore: boolean): VerdictEvidence {
  const { product } = row;
  return {
    product:
      product === null
        ? null
        : {
            halalStatus: product.halalStatus,
            confidenceScore: product.confidenceScore,
            source: product.attribution.name,
            reasons: row.productReasons ?? [],
          },
    certifier: row.certifier,
    additives: row.additives.flatMap(additiveEvidence),
    unknownAdditiveCodes: row.additives.flatMap(({ code, entryCode }) =>
      entryCode === null ? [code] : [],
    ),
    boycottTargets: row.boycottTargets,
    inStore,
    ingredientsKnown:
      product !== null &&
      ((product.ingredients ?? "").trim() !== "" || product.additives.length > 0),
  };
}

function additiveEvidence(additive: LabelAdditive): AdditiveEvidence[] {
  const { code, entryCode, name, halalStatus, source, rulings } = additive;
  if (entryCode === null || halalStatus === null) return [];
  if (entryCode === code) return [{ code, name, halalStatus, source, rulings }];
  const parentName = name === null ? `a form of ${entryCode}` : `a form of ${entryCode}, ${name}`;
  return [{ code, name: parentName, halalStatus, source, rulings }];
}
