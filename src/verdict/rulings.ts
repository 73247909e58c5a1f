import {
  type HalalStatus,
  type Madhab,
  MADHABS,
  type SubstanceKind,
} from "../db/tables/vocabulary.ts";
import { parentCodes } from "../food/e-number.ts";
import type { Language } from "../texts/language.ts";
import { namesAdditive } from "../food/ingredients/lexicon.ts";

/** A school, or null for everybody. */
export type School = Madhab | null;

/** Everybody first, then each school. */
export const SCHOOLS: readonly School[] = [null, ...MADHABS];

/** Everything that verdicts rest on besides the product: all of it fits into memory. JSON-serialisable. */
export interface RulingsData {
  readonly substances: readonly SubstanceEntry[];
  readonly rulings: readonly RulingEntry[];
  readonly additives: readonly AdditiveEntry[];
}

export interface SubstanceEntry {
  readonly id: string;
  /** Nearest first. */
  readonly parents: readonly string[];
  readonly kind: SubstanceKind | null;
  /** Canonical E-number. */
  readonly additive: string | null;
  /** The name that labels give it; null without words. Units: ISO 639-1. */
  readonly names?: NamesByLanguage | null;
}

/** A name in the languages that are spoken, English left out where an id says it. */
export type NamesByLanguage = Readonly<Partial<Record<Language, string | null>>>;

export interface RulingEntry {
  readonly substance: string;
  readonly madhab: School;
  readonly halalStatus: HalalStatus;
  /** 0–1. */
  readonly confidence: number;
  readonly reasonCode: string;
  readonly source: string;
}

export interface AdditiveEntry {
  readonly code: string;
  readonly name: string | null;
  readonly names?: NamesByLanguage;
  readonly halalStatus: HalalStatus;
  readonly source: string | null;
  /** Of the data source, whose rename changes `source`. */
  readonly dataSourceId: string | null;
  readonly rulings: readonly SchoolStatus[];
}

/** One school's ruling on an additive. */
export interface SchoolStatus {
  readonly madhab: Madhab;
  readonly halalStatus: HalalStatus;
  readonly source: string | null;
}

/** From what may be eaten to what may not. */
const MILD_TO_STRICT: readonly HalalStatus[] = ["unknown", "halal", "doubtful", "haram"];

const isStricter = (one: RulingEntry, other: RulingEntry) =>
  MILD_TO_STRICT.indexOf(one.halalStatus) > MILD_TO_STRICT.indexOf(other.halalStatus);

/** How far up a ruling is looked for: the taxonomies are less deep, and may have circles. */
const LEVELS_MAX = 20;

/** All additives have fewer; a label may bring any number. Units: codes. */
const REMEMBERED_CODES = 2_000;

/**
 * The rulings on substances and additives, ready to be asked.
 * Units: about 2 MB for 6,000 substances.
 */
export class Rulings {
  readonly data: RulingsData;
  readonly #substances: ReadonlyMap<string, SubstanceEntry>;
  readonly #bySubstance = new Map<string, RulingEntry[]>();
  readonly #additives: ReadonlyMap<string, AdditiveEntry>;
  readonly #substanceOfAdditive = new Map<string, string>();
  readonly #found = new Map<School, Map<string, RulingEntry | null>>(
    SCHOOLS.map((school) => [school, new Map()]),
  );
  readonly #apart = new Map<string, readonly Madhab[]>();
  readonly #ancestors = new Map<string, ReadonlySet<string>>();
  readonly #parentCodes = new Map<string, readonly string[]>();
  readonly #substanceOfCode = new Map<string, string | null>();

  constructor(data: RulingsData) {
    this.data = data;
    this.#substances = new Map(data.substances.map((one) => [one.id, one]));
    this.#additives = new Map(data.additives.map((one) => [one.code, one]));
    for (const ruling of data.rulings) {
      const known = this.#bySubstance.get(ruling.substance);
      if (known === undefined) this.#bySubstance.set(ruling.substance, [ruling]);
      else known.push(ruling);
    }
    for (const { id, kind, additive } of data.substances) {
      if (additive === null) continue;
      const known = this.#substances.get(this.#substanceOfAdditive.get(additive) ?? "");
      if (namesAdditive({ substance: id, kind, additive }, known)) {
        this.#substanceOfAdditive.set(additive, id);
      }
    }
  }

  kindOf(substance: string): SubstanceKind | null {
    return this.#substances.get(substance)?.kind ?? null;
  }

  /** A substance's name in a language, or that of the nearest of which it is a kind; null where none has one. */
  substanceName(substance: string, language: Language): string | null {
    for (const level of this.#levels(substance))
      for (const id of level) {
        const name = this.#substances.get(id)?.names?.[language] ?? null;
        if (name !== null) return name;
      }
    return null;
  }

  /** Finds the additive's own entry, or the nearest of which it is a form. */
  findAdditive(code: string): AdditiveEntry | null {
    for (const one of [code, ...this.#parentsOf(code)]) {
      const entry = this.#additives.get(one);
      if (entry !== undefined) return entry;
    }
    return null;
  }

  /** The substance that an E-number, or the nearest of which it is a form, names. */
  substanceOf(code: string): string | null {
    const known = this.#substanceOfCode.get(code);
    if (known !== undefined) return known;
    const found = this.#searchCode(code);
    if (this.#substanceOfCode.size < REMEMBERED_CODES) this.#substanceOfCode.set(code, found);
    return found;
  }

  #searchCode(code: string): string | null {
    for (const one of [code, ...this.#parentsOf(code)]) {
      const byCode = `en:${one.toLowerCase()}`;
      const known = this.#substanceOfAdditive.get(one);
      if (known !== undefined) return known;
      if (this.#substances.has(byCode) || this.#bySubstance.has(byCode)) return byCode;
    }
    return null;
  }

  /** Tells whether one of two E-numbers is a form of the other, or the same. */
  isForm(code: string, other: string): boolean {
    return (
      code === other ||
      this.#parentsOf(code).includes(other) ||
      this.#parentsOf(other).includes(code)
    );
  }

  #parentsOf(code: string): readonly string[] {
    const known = this.#parentCodes.get(code);
    if (known !== undefined) return known;
    const parents = parentCodes(code);
    if (this.#parentCodes.size < REMEMBERED_CODES) this.#parentCodes.set(code, parents);
    return parents;
  }

  /** Tells whether a substance is `ancestor` or descends from it. */
  isA(substance: string, ancestor: string): boolean {
    if (substance === ancestor) return true;
    let ancestors = this.#ancestors.get(substance);
    if (ancestors === undefined) {
      // Labels bring ids that nobody knows: only those of the lexicon are remembered.
      if (!this.#substances.has(substance)) return false;
      ancestors = new Set([...this.#levels(substance)].flat());
      this.#ancestors.set(substance, ancestors);
    }
    return ancestors.has(ancestor);
  }

  /**
   * Finds the ruling on a substance: of the nearest level of its ancestors that has one for the school, or a general one.
   * A school's ruling stands before the general one of the same substance; of several on one level the strictest counts.
   * Null also where the nearest one is `unknown`, by which an operator withdraws a ruling.
   */
  find(substance: string, school: School): RulingEntry | null {
    const bySubstance = this.#found.get(school);
    const known = bySubstance?.get(substance);
    if (known !== undefined) return known;
    const found = this.#search(substance, school);
    if (this.#substances.has(substance)) bySubstance?.set(substance, found);
    return found;
  }

  /** Lists the schools that rule otherwise on a substance than is ruled in general. */
  schoolsApart(substance: string): readonly Madhab[] {
    const known = this.#apart.get(substance);
    if (known !== undefined) return known;
    const general = this.find(substance, null);
    const apart = MADHABS.filter((madhab) => this.find(substance, madhab) !== general);
    if (this.#substances.has(substance)) this.#apart.set(substance, apart);
    return apart;
  }

  #search(substance: string, school: School): RulingEntry | null {
    for (const level of this.#levels(substance)) {
      let strictest: RulingEntry | null = null;
      for (const id of level) {
        const rulings = this.#bySubstance.get(id);
        if (rulings === undefined) continue;
        const ruling =
          rulings.find((one) => one.madhab === school) ??
          rulings.find((one) => one.madhab === null);
        if (ruling !== undefined && (strictest === null || isStricter(ruling, strictest))) {
          strictest = ruling;
        }
      }
      if (strictest !== null) return strictest.halalStatus === "unknown" ? null : strictest;
    }
    return null;
  }

  /** The substance itself, its parents, their parents and so on; each id once. */
  *#levels(substance: string): Generator<readonly string[]> {
    const seen = new Set([substance]);
    let level: readonly string[] = [substance];
    for (let depth = 0; depth < LEVELS_MAX && level.length > 0; depth += 1) {
      yield level;
      const next: string[] = [];
      for (const id of level) {
        for (const parent of this.#substances.get(id)?.parents ?? []) {
          if (!seen.has(parent)) next.push(parent);
          seen.add(parent);
        }
      }
      level = next;
    }
  }
}
