import type { VerdictReason } from "../db/tables/products.ts";
import type { Madhab } from "../db/tables/vocabulary.ts";
import type { IngredientEvidence, VerdictEvidence } from "./evidence.ts";
import { sumUp } from "./facts.ts";
import { ingredientStatus, type JudgedIngredient } from "./judge.ts";
import { substanceName } from "./reason-messages.ts";
import { reason, RULES_SOURCE } from "./reason-texts.ts";
import { SCHOOLS } from "./rulings.ts";

/** More of one kind say nothing new, and a scan keeps them. */
const REASONS_MAX = 8;
const UNRECOGNISED_MAX = 5;

/** The reasons that the list, the categories and the name give for and against. */
export function listReasons(
  evidence: VerdictEvidence,
  madhab: Madhab | undefined,
  decided: string,
): VerdictReason[] {
  const ingredients = evidence.list?.ingredients ?? [];
  const isVegan = evidence.isVegan === true;
  const judged = ingredients.map((one) => ({
    ingredient: one,
    ...ingredientStatus(one, madhab ?? null, isVegan),
  }));
  const contents = judged.filter(({ ingredient }) => !ingredient.trace);
  return [
    ...contents
      .filter(({ halalStatus }) => halalStatus === "haram")
      .slice(0, REASONS_MAX)
      .map((one) => ingredientReason("ingredient_haram", one)),
    ...contents
      .filter(({ halalStatus }) => halalStatus === "doubtful")
      .slice(0, REASONS_MAX)
      .map((one) => ingredientReason("ingredient_doubtful", one)),
    ...judged
      .filter(({ ingredient, halalStatus }) => ingredient.trace && halalStatus === "haram")
      .slice(0, REASONS_MAX)
      .map((one) => ingredientReason("trace_haram", one)),
    ...namedReasons(evidence, madhab),
    ...contents
      .flatMap(({ ingredient }) => schoolReasons(ingredient, madhab))
      .slice(0, REASONS_MAX),
    ...clearReasons(evidence, madhab, decided),
  ];
}

type Judged = JudgedIngredient & { readonly ingredient: IngredientEvidence };

function ingredientReason(
  code: "ingredient_haram" | "ingredient_doubtful" | "trace_haram",
  { ingredient, ruling }: Judged,
): VerdictReason {
  const { substance, quote, origin } = ingredient;
  return reason(
    code,
    {
      substance,
      quote,
      origin,
      ruledBy: ruling?.substance ?? null,
      reasonCode: ruling?.reasonCode ?? null,
      madhab: ruling?.madhab ?? null,
    },
    ruling?.source,
  );
}

function namedReasons(evidence: VerdictEvidence, madhab: Madhab | undefined): VerdictReason[] {
  const { named } = evidence;
  if (named === null || named === undefined || named.isContradicted) return [];
  const ruling = named.ruling(madhab ?? null);
  if (ruling?.halalStatus !== "haram") return [];
  const { substance, quote, from } = named;
  return [
    reason(
      "category_haram",
      { substance, quote, from, ruledBy: ruling.substance, madhab: ruling.madhab },
      ruling.source,
    ),
  ];
}

/** Where a school says something else of a substance than is said in general. */
function schoolReasons(
  ingredient: IngredientEvidence,
  madhab: Madhab | undefined,
): VerdictReason[] {
  const general = ingredient.ruling(null);
  const reasons: VerdictReason[] = [];
  for (const school of SCHOOLS) {
    if (school === null || (madhab !== undefined && madhab !== school)) continue;
    const ruling = ingredient.ruling(school);
    if (ruling === null || ruling.madhab !== school) continue;
    if (ruling.halalStatus === general?.halalStatus) continue;
    const { substance } = ingredient;
    const inGeneral = general?.halalStatus ?? "unknown";
    reasons.push(
      reason(
        "madhab_ruling",
        { substance, madhab: school, halalStatus: ruling.halalStatus, general: inGeneral },
        ruling.source,
      ),
    );
  }
  return reasons;
}

function clearReasons(
  evidence: VerdictEvidence,
  madhab: Madhab | undefined,
  decided: string,
): VerdictReason[] {
  const facts = sumUp(evidence, madhab ?? null);
  const reasons: VerdictReason[] = [];
  const { list = null } = evidence;
  if (facts.isListClear && list !== null) {
    const sources = list.ingredients.flatMap((one) => one.ruling(madhab ?? null)?.source ?? []);
    reasons.push(
      reason(
        "ingredients_clear",
        { items: list.itemCount },
        [...new Set(sources)].sort().slice(0, 3).join("; "),
        RULES_SOURCE,
      ),
    );
  }
  if (facts.isVeganClear && (decided === "vegan_clear" || !facts.isListClear)) {
    reasons.push(
      reason(
        "vegan_clear",
        { items: list?.itemCount ?? 0, recognised: list?.recognisedCount ?? 0 },
        evidence.product?.source,
      ),
    );
  }
  if (decided === "not_enough_evidence") reasons.push(openReason(evidence));
  return reasons;
}

/** The items that leave the list undecided: those that were not understood, or have no ruling. */
function openReason({ list = null }: VerdictEvidence): VerdictReason {
  const unruled = (list?.ingredients ?? []).filter(
    (one) => !one.trace && ingredientStatus(one, null, false).halalStatus === "unknown",
  );
  const items = [
    ...(list?.unrecognised ?? []),
    ...unruled.map(({ quote, substance }) => (quote === "" ? substanceName(substance) : quote)),
  ].slice(0, UNRECOGNISED_MAX);
  return reason("not_enough_evidence", { items }, RULES_SOURCE);
}
