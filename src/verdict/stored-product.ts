import type { StoredNameFinding, VerdictReason } from "../db/tables/products.ts";
import type { HalalStatus } from "../db/tables/vocabulary.ts";
import type { Finding, Findings, Origin } from "../food/ingredients/findings.ts";
import { unpackFindings } from "../food/ingredients/packed-findings.ts";
import type {
  AdditiveEvidence,
  BoycottEvidence,
  IngredientEvidence,
  ListEvidence,
  NamedEvidence,
  VerdictEvidence,
} from "./evidence.ts";
import { MADHABS } from "../db/tables/vocabulary.ts";
import type { Rulings, SchoolStatus } from "./rulings.ts";
import { isVeganLabel } from "./vegan-labels.ts";

/** A product as its row has it, without what only lists show. */
export interface StoredProduct {
  readonly halalStatus: HalalStatus;
  readonly confidenceScore: number;
  readonly reasons: readonly VerdictReason[];
  /** Canonical E-numbers of the label. */
  readonly additives: readonly string[];
  readonly labels: readonly string[];
  /** Whether there is an ingredient list. */
  readonly hasIngredients: boolean;
  /** As `packFindings` wrote it. */
  readonly findings: string | null;
  readonly nameFinding: StoredNameFinding | null;
  /** Of the data source. */
  readonly sourceName: string;
  readonly certifier: VerdictEvidence["certifier"];
}

/**
 * Lays out what the rules need, from what the tables know of a barcode and the rulings of the moment. `findings` spares
 * unpacking those of the product.
 */
export function evidenceOf(
  product: StoredProduct | null,
  rulings: Rulings,
  around: { readonly inStore: boolean; readonly boycottTargets: readonly BoycottEvidence[] },
  findings = product === null ? null : findingsOf(product),
): VerdictEvidence {
  if (product === null) {
    return {
      ...around,
      product: null,
      certifier: null,
      additives: [],
      unknownAdditiveCodes: [],
      ingredientsKnown: false,
    };
  }
  const items = (findings?.items ?? []).filter((one) => !one.negated);
  const { general, own } = splitAdditives(items, rulings);
  const additives = additivesOf(product.additives, general, own, rulings);
  return {
    ...around,
    product: {
      halalStatus: product.halalStatus,
      confidenceScore: product.confidenceScore,
      source: product.sourceName,
      reasons: product.reasons,
    },
    certifier: product.certifier,
    additives: additives.known,
    unknownAdditiveCodes: additives.unknown,
    list: findings === null || !hasContents(findings) ? null : listOf(findings, own, rulings),
    named: namedOf(product.nameFinding, findings, rulings),
    isVegan: product.labels.some(isVeganLabel),
    ingredientsKnown: product.hasIngredients || product.additives.length > 0,
  };
}

const findingsOf = ({ findings }: StoredProduct): Findings | null =>
  findings === null ? null : unpackFindings(findings);

const hasContents = ({ items, itemCount, halalClaim }: Findings) =>
  itemCount > 0 || items.length > 0 || halalClaim !== null;

/** An additive that the list names by its number or its own words, and no closer substance. */
type NamedAdditive = Finding & { readonly additive: string };

/**
 * Parts the items that name an additive as such, which the additive table judges, from those that name a substance:
 * fish gelatine is no gelatine of unknown origin, although both are E428.
 */
function splitAdditives(
  items: readonly Finding[],
  rulings: Rulings,
): { general: NamedAdditive[]; own: Finding[] } {
  const general: NamedAdditive[] = [];
  const own: Finding[] = [];
  for (const item of items) {
    const { additive, substance } = item;
    const isGeneral =
      additive !== null &&
      !item.trace &&
      (substance === null || substance === rulings.substanceOf(additive));
    if (isGeneral) general.push({ ...item, additive });
    else own.push(item);
  }
  return { general, own };
}

function additivesOf(
  labelCodes: readonly string[],
  general: readonly NamedAdditive[],
  own: readonly Finding[],
  rulings: Rulings,
): { known: AdditiveEvidence[]; unknown: string[] } {
  const known: AdditiveEvidence[] = [];
  const unknown: string[] = [];
  const codes = new Set([
    // The label's tag says less than the list's own words.
    ...labelCodes.filter((code) => {
      const general = rulings.substanceOf(code);
      return !own.some((item) => names(item, code, general, rulings));
    }),
    ...general.map(({ additive }) => additive),
  ]);
  for (const code of codes) {
    const named = general.filter(({ additive }) => rulings.isForm(code, additive));
    const evidence = additiveEvidence(code, originOf(named), rulings);
    if (evidence === null) unknown.push(code);
    else known.push(evidence);
  }
  return { known, unknown };
}

/** Whether an item names a kind of the additive, as fish gelatine does of E428, which names `general`. */
function names(
  { additive, substance, trace }: Finding,
  code: string,
  general: string | null,
  rulings: Rulings,
): boolean {
  if (trace) return false;
  if (additive !== null && rulings.isForm(code, additive)) return true;
  return substance !== null && general !== null && rulings.isA(substance, general);
}

/** The origin that is stated wherever the additive is named: of several the one that settles least. */
function originOf(named: readonly NamedAdditive[]): Origin | null {
  const [first] = named;
  if (first === undefined || named.some(({ origin }) => origin === null)) return null;
  return (
    named.find(({ origin }) => origin === "animal" || origin === "insect")?.origin ?? first.origin
  );
}

/** The additive table's ruling, or else the default ruling on the substance; null without either. */
function additiveEvidence(
  code: string,
  origin: Origin | null,
  rulings: Rulings,
): AdditiveEvidence | null {
  const entry = rulings.findAdditive(code);
  const substance = rulings.substanceOf(code);
  const ruling = substance === null ? null : rulings.find(substance, null);
  if (entry === null && ruling === null) return null;
  const isFromTable = entry !== null && entry.halalStatus !== "unknown";
  const isForm = entry !== null && entry.code !== code;
  const schools: SchoolStatus[] = [...(entry?.rulings ?? [])];
  // The table's status stands for all schools of which it says nothing.
  if (!isFromTable && substance !== null) {
    for (const madhab of MADHABS) {
      const own = rulings.find(substance, madhab);
      if (own?.madhab !== madhab || schools.some((one) => one.madhab === madhab)) continue;
      schools.push({ madhab, halalStatus: own.halalStatus, source: own.source });
    }
  }
  const kind = substance === null ? null : rulings.kindOf(substance);
  return {
    code,
    name: isForm ? formName(entry.code, entry.name) : (entry?.name ?? null),
    halalStatus: isFromTable ? entry.halalStatus : (ruling?.halalStatus ?? "unknown"),
    source: isFromTable ? entry.source : (ruling?.source ?? entry?.source ?? null),
    rulings: schools,
    origin,
    dependsOnOrigin: kind !== "insect" && kind !== "alcohol",
  };
}

const formName = (code: string, name: string | null) =>
  name === null ? `a form of ${code}` : `a form of ${code}, ${name}`;

function listOf(findings: Findings, own: readonly Finding[], rulings: Rulings): ListEvidence {
  return {
    ingredients: own.flatMap((item): IngredientEvidence[] => {
      const { substance } = item;
      if (substance === null) return [];
      return [
        {
          substance,
          kind: rulings.kindOf(substance),
          quote: item.quote,
          trace: item.trace,
          inside: item.inside,
          hasContents: item.contents,
          origin: item.origin,
          ruling: (school) => rulings.find(substance, school),
        },
      ];
    }),
    unrecognised: findings.unrecognised,
    itemCount: findings.itemCount,
    recognisedCount: findings.recognisedCount,
    cut: findings.cut,
    halalClaim: findings.halalClaim,
  };
}

/** Roots of other animals: a list that names one of them says of what the sausage is made. */
const OTHER_ANIMALS = ["en:poultry", "en:beef", "en:sheep", "en:goat", "en:fish"];
const PORK = "en:pork";
const ALCOHOL = "en:alcohol";

/**
 * The statement of the categories or of the name. A list speaks against pork that names another animal and no pork, and against either
 * that denies it: "Turkey ham" lies among the hams, alcohol-free beer among the beers.
 */
function namedOf(
  named: StoredNameFinding | null,
  findings: Findings | null,
  rulings: Rulings,
): NamedEvidence | null {
  if (named === null) return null;
  const says = (item: Finding, ancestor: string) =>
    item.substance !== null && rulings.isA(item.substance, ancestor);
  const items = findings?.items ?? [];
  const isDrink = rulings.isA(named.substance, ALCOHOL);
  const isDenied = items.some((item) => item.negated && says(item, isDrink ? ALCOHOL : PORK));
  const isOtherAnimal =
    !isDrink &&
    items.some(
      (item) => !item.trace && !item.negated && OTHER_ANIMALS.some((animal) => says(item, animal)),
    );
  return {
    ...named,
    ruling: (school) => rulings.find(named.substance, school),
    isContradicted: named.contradicted || isDenied || isOtherAnimal,
  };
}
