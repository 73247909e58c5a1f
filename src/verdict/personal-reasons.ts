import type { VerdictReason } from "../db/tables/products.ts";
import type { Allergen } from "../db/tables/vocabulary.ts";
import { parentCodes } from "../food/e-number.ts";
import type { Finding } from "../food/ingredients/findings.ts";
import { unpackFindings } from "../food/ingredients/packed-findings.ts";
import { ALLERGEN_SIGNS, SULPHITES } from "./allergens.ts";
import { reason } from "./reason-texts.ts";
import type { Rulings } from "./rulings.ts";
import type { StoredProduct } from "./stored-product.ts";

/** The things that a person wants to be warned of. */
export interface Avoided {
  readonly allergens: readonly Allergen[];
  /** Canonical E-numbers; a code stands for its forms, too. */
  readonly avoidAdditives: readonly string[];
}

/** A product as far as warnings need it. */
export type WarnedProduct = Pick<StoredProduct, "additives" | "findings" | "sourceName"> & {
  /** Allergen tags of Open Food Facts. */
  readonly allergens: readonly string[];
};

/**
 * Warns of a person's allergens and avoided additives in a product. They change no status; no warning does not mean that
 * there is none in it.
 */
export function personalReasons(
  product: WarnedProduct,
  { allergens, avoidAdditives }: Avoided,
  rulings: Rulings,
): VerdictReason[] {
  if (allergens.length === 0 && avoidAdditives.length === 0) return [];
  const findings = product.findings === null ? null : unpackFindings(product.findings);
  const items = (findings?.items ?? []).filter(({ negated }) => !negated);
  return [
    ...allergens.flatMap((allergen) => allergenReason(allergen, product, items, rulings)),
    ...avoidAdditives.flatMap((avoided) => additiveReason(avoided, product, items, rulings)),
  ];
}

function allergenReason(
  allergen: Allergen,
  product: WarnedProduct,
  items: readonly Finding[],
  rulings: Rulings,
): VerdictReason[] {
  const signs = ALLERGEN_SIGNS[allergen];
  const isIt = ({ substance, additive }: Finding): boolean =>
    (allergen === "sulphites" && additive !== null && SULPHITES.test(additive)) ||
    (substance !== null &&
      ((signs.kind !== undefined && rulings.kindOf(substance) === signs.kind) ||
        signs.substances.some((one) => rulings.isA(substance, one))));
  const named = items.filter(isIt);
  const contained = named.find(({ trace }) => !trace);
  const isTagged =
    product.allergens.some((tag) => signs.tags.includes(tag.replace(/^[a-z]{2,3}:/, ""))) ||
    (allergen === "sulphites" && product.additives.some((code) => SULPHITES.test(code)));
  const quote = (contained ?? named[0])?.quote ?? null;
  if (contained === undefined && !isTagged && named.length === 0) return [];
  const isTrace = contained === undefined && !isTagged;
  const found = isTrace ? "traces" : "contained";
  return [reason("allergen", { allergen, found, quote }, product.sourceName)];
}

function additiveReason(
  avoided: string,
  product: WarnedProduct,
  items: readonly Finding[],
  rulings: Rulings,
): VerdictReason[] {
  const codes = new Set([
    ...product.additives,
    ...items.flatMap(({ additive, trace }) => (additive === null || trace ? [] : [additive])),
  ]);
  const found = [...codes].find((code) => code === avoided || parentCodes(code).includes(avoided));
  if (found === undefined) return [];
  const name = rulings.findAdditive(found)?.name ?? null;
  return [reason("avoided_additive", { additive: found, avoided, name }, product.sourceName)];
}
