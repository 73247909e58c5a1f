import type { HalalStatus, Madhab } from "../db/tables/vocabulary.ts";
import { isInStoreGtin } from "../food/barcode.ts";
import type { Findings } from "../food/ingredients/findings.ts";
import type { VerdictEvidence } from "./evidence.ts";
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

/**
 * The verdict of a scan without a school and for each school, in the order of `COMPUTED_COLUMNS`. `findings` are those of
 * the product, where the caller has them unpacked.
 * Units: canonical GTIN-14.
 */
export function computeStatuses(
  gtin14: string,
  product: StoredProduct,
  rulings: Rulings,
  findings?: Findings | null,
): HalalStatus[] {
  const around = { inStore: isInStoreGtin(gtin14), boycottTargets: [] };
  const evidence = evidenceOf(product, rulings, around, findings);
  const apart = schoolsApart(evidence, rulings);
  const general = decideStatus(evidence, null).halalStatus;
  return SCHOOLS.map((school) =>
    school !== null && apart.has(school) ? decideStatus(evidence, school).halalStatus : general,
  );
}

/** The schools that rule on anything in the evidence otherwise than is ruled in general: to the others it says the same. */
function schoolsApart(
  { list, named, additives }: VerdictEvidence,
  rulings: Rulings,
): ReadonlySet<Madhab> {
  const apart = new Set<Madhab>();
  const add = (substance: string) => {
    for (const school of rulings.schoolsApart(substance)) apart.add(school);
  };
  for (const { substance } of list?.ingredients ?? []) add(substance);
  if (named !== null && named !== undefined) add(named.substance);
  for (const { rulings: own } of additives) for (const { madhab } of own) apart.add(madhab);
  return apart;
}
