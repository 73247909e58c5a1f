import type { StoredNameFinding, VerdictReason } from "../db/tables/products.ts";
import type { VerdictBySchool } from "../db/tables/scans.ts";
import type {
  BoycottLevel,
  HalalStatus,
  Madhab,
  SubstanceKind,
  VerdictBasis,
} from "../db/tables/vocabulary.ts";
import type { HalalClaim, Origin } from "../food/ingredients/findings.ts";
import type { RulingEntry, School, SchoolStatus } from "./rulings.ts";

/** An additive of the product, as the additive table or the default rulings have it. */
export interface AdditiveEvidence {
  readonly code: string;
  readonly name: string | null;
  readonly halalStatus: HalalStatus;
  readonly source: string | null;
  readonly rulings: readonly SchoolStatus[];
  /** The origin that the label states wherever it names the additive; null when it leaves that open. */
  readonly origin?: Origin | null;
  /** False for what no origin changes: an insect's colour is one whatever is printed. */
  readonly dependsOnOrigin?: boolean;
}

/** A substance of the ingredient list that the label does not deny. */
export interface IngredientEvidence {
  readonly substance: string;
  readonly kind: SubstanceKind | null;
  /** The item as printed. */
  readonly quote: string;
  readonly trace: boolean;
  /** True when the word stood in a longer item that was not understood. */
  readonly inside: boolean;
  /** True when the label lists what it is made of. */
  readonly hasContents: boolean;
  readonly origin: Origin | null;
  /** The ruling for a school, or for everybody; null where none is held. */
  readonly ruling: (school: School) => RulingEntry | null;
}

/** The findings in the ingredient list. */
export interface ListEvidence {
  readonly ingredients: readonly IngredientEvidence[];
  readonly unrecognised: readonly string[];
  readonly itemCount: number;
  readonly recognisedCount: number;
  /** True when a part was left out: such a list never proves anything halal. */
  readonly cut: boolean;
  readonly halalClaim: HalalClaim | null;
}

/** A boycott target that the product belongs to; `gtin_prefix` is a hint and no proof. */
export interface BoycottEvidence {
  readonly id: string;
  readonly companyName: string;
  readonly level: BoycottLevel;
  readonly matchedBy: "company" | "brand" | "parent" | "gtin_prefix";
  readonly sourceUrl?: string | null;
}

/** The statements of the categories, or of the name, about pork or alcoholic drink. */
export interface NamedEvidence extends Omit<StoredNameFinding, "contradicted"> {
  readonly ruling: (school: School) => RulingEntry | null;
  /** True when the list names another animal, or denies what is named. */
  readonly isContradicted: boolean;
}

/** Everything that is known about a scanned barcode; what is absent counts as not known. */
export interface VerdictEvidence {
  readonly product: {
    readonly halalStatus: HalalStatus;
    /** 0–1. */
    readonly confidenceScore: number;
    readonly source: string;
    readonly reasons?: readonly VerdictReason[];
  } | null;
  /** The certifier of the product; `trustScore` is 0–100. */
  readonly certifier: {
    readonly id: string;
    readonly name: string;
    readonly trustScore: number;
  } | null;
  readonly additives: readonly AdditiveEvidence[];
  /** Additives on the label for which neither the additive table nor a ruling has a status. */
  readonly unknownAdditiveCodes: readonly string[];
  /** Null when there is no list, or it was not read yet. */
  readonly list?: ListEvidence | null | undefined;
  readonly named?: NamedEvidence | null | undefined;
  /** True when a label says that nothing of it is animal. */
  readonly isVegan?: boolean;
  readonly boycottTargets: readonly BoycottEvidence[];
  /** True when the barcode means something only inside one shop or chain. */
  readonly inStore: boolean;
  /** True when the product lists its ingredients or additives. */
  readonly ingredientsKnown: boolean;
}

/** A status, and how sure it is. */
export interface Decision {
  readonly halalStatus: HalalStatus;
  /** 0–1: how sure the status is; 0 for `unknown`. */
  readonly confidence: number;
}

/** The answer to a scan. */
export interface Verdict extends Decision {
  readonly basis: VerdictBasis;
  /** The school for which it was decided; null: by the general rulings. */
  readonly madhab: Madhab | null;
  /** The deciding reason first. */
  readonly reasons: VerdictReason[];
  readonly bySchool: VerdictBySchool;
}

/** Tells a confidence from 0 to 1 out of any number; NaN is 0. */
export function clampConfidence(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}
