import { isAdditiveNumber } from "./e-code.ts";
import { ORIGINS, type Origin } from "./findings.ts";
import type { LanguageView, Lexicon, SubstanceRow } from "./lexicon.ts";
import type { Part } from "./match-words.ts";
import { originOf, takesOrigin } from "./origins.ts";
import { FIRST_ORIGIN, ROLE } from "./roles.ts";
import type { Item } from "./split-items.ts";

/** A substance of an entry while it is being read. */
export interface Draft {
  readonly row: SubstanceRow | null;
  readonly additive: string | null;
  origin: Origin | null;
  percent: number | null;
  negated: boolean;
  trace: boolean;
  /** True when only a part of its word was understood. */
  readonly partial: boolean;
}

/** What one entry says by itself. */
export interface ItemMeaning {
  readonly item: Item;
  readonly drafts: Draft[];
  /** Number of words that were not understood and that no denial covers. */
  unknown: number;
  /** An origin that has no substance in its entry; it belongs to the entry before or above. */
  looseOrigin: Origin | null;
  /** A percentage without a substance. */
  readonly loosePercent: number | null;
  /** Numbers that may be an additive's: `(471)`. */
  readonly numbers: readonly string[];
  readonly isHalal: boolean;
  readonly isNotHalal: boolean;
  readonly hasTraceOpener: boolean;
  readonly hasTraceCloser: boolean;
  readonly opensFreeFrom: boolean;
  /** The denying verb closes a sentence: `içermez`. */
  readonly closesDenied: boolean;
  readonly opensContains: boolean;
  readonly isPlace: boolean;
  readonly hasAnd: boolean;
  /** Index of the part from which on the entry is advice; -1 for none. */
  readonly noiseAt: number;
}

/** Reads what the parts of an entry say together: denials, origins, percentages. */
export function readItem(
  item: Item,
  parts: readonly Part[],
  view: LanguageView,
  lexicon: Lexicon,
): ItemMeaning {
  const reader = new ItemReader(view, lexicon);
  const noiseAt = parts.findIndex((part) => part.type === "role" && part.value === ROLE.noise);
  for (const part of noiseAt === -1 ? parts : parts.slice(0, noiseAt)) reader.read(part, item);
  reader.endGroup();
  const first = parts.find((part) => part.type === "role" && part.value !== ROLE.stop) ?? null;
  const roles = new Set(parts.flatMap((part) => (part.type === "role" ? [part.value] : [])));
  const opens = (role: number) => first?.value === role && parts.indexOf(first) === 0;
  return {
    item,
    drafts: reader.drafts,
    unknown: reader.unknown,
    looseOrigin: reader.drafts.length === 0 ? reader.pendingOrigin : null,
    loosePercent: reader.drafts.length === 0 ? reader.percent : null,
    numbers: reader.numbers,
    isHalal: roles.has(ROLE.halal),
    isNotHalal: roles.has(ROLE.notHalal),
    hasTraceOpener: roles.has(ROLE.trace),
    hasTraceCloser: roles.has(ROLE.traceAfter),
    opensFreeFrom: opens(ROLE.freeFrom),
    closesDenied: view.grammar.absentTakesItem === true && roles.has(ROLE.absent),
    opensContains: opens(ROLE.contains),
    isPlace: roles.has(ROLE.place),
    hasAnd: roles.has(ROLE.and),
    noiseAt,
  };
}

type Denial = "none" | "phrase" | "list";

class ItemReader {
  readonly drafts: Draft[] = [];
  readonly numbers: string[] = [];
  unknown = 0;
  pendingOrigin: Origin | null = null;
  percent: number | null = null;

  readonly #view: LanguageView;
  readonly #lexicon: Lexicon;
  #denial: Denial = "none";
  /** The substance that the current denial has covered. */
  #denied: Draft | null = null;
  /** True after a conjunction or "of" that carries the denial on. */
  #carries = false;
  #modifierInDenial = false;
  /** The last substance since the last conjunction or bracket. */
  #last: Draft | null = null;
  #ofBetween = false;
  #stopBetween = false;
  #wordsBetween = 0;
  #trace = false;
  #place = false;
  #unknownBefore = 0;

  constructor(view: LanguageView, lexicon: Lexicon) {
    this.#view = view;
    this.#lexicon = lexicon;
  }

  read(part: Part, item: Item): void {
    switch (part.type) {
      case "role":
        this.#role(part.value);
        break;
      case "substance":
        this.#substance(part);
        break;
      case "code":
        this.#add({ row: part.substance, additive: part.code, partial: false });
        break;
      case "percent":
        this.#percent(part.value);
        break;
      case "number":
        if (item.tokens[part.from] !== undefined) this.#number(item.tokens[part.from]?.fold ?? "");
        break;
      case "unknown":
        this.#unknownWord();
        break;
      case "break":
        this.#denial = this.#denial === "list" ? "list" : "none";
        this.endGroup();
        break;
    }
  }

  /** Ends a stretch of words that qualify each other. */
  endGroup(): void {
    if (this.pendingOrigin !== null && this.#last !== null && this.#last.origin === null) {
      this.#give(this.#last, this.pendingOrigin, true);
      this.pendingOrigin = null;
    }
    this.#last = null;
    this.#resetBetween();
  }

  #role(role: number): void {
    if (role >= FIRST_ORIGIN) {
      this.#origin(ORIGINS[role - FIRST_ORIGIN] ?? null);
      return;
    }
    switch (role) {
      case ROLE.and:
        this.#carries = true;
        this.endGroup();
        break;
      case ROLE.of:
        this.#carries = true;
        this.#ofBetween = true;
        break;
      case ROLE.stop:
        this.#stopBetween = true;
        break;
      case ROLE.without:
        this.#deny("phrase");
        break;
      case ROLE.freeFrom:
        this.#deny("list");
        break;
      case ROLE.absent:
        this.#denyBack();
        break;
      case ROLE.trace:
        this.#trace = true;
        this.#denial = "none";
        break;
      case ROLE.traceAfter:
        for (const draft of this.drafts) draft.trace = true;
        break;
      case ROLE.halal:
        this.#origin("halal");
        break;
      case ROLE.notHalal:
        break;
      case ROLE.place:
        this.#place = true;
        break;
      case ROLE.modifier:
        this.#modifierInDenial = true;
        this.#wordsBetween += 1;
        break;
      default:
        break;
    }
  }

  #deny(denial: Denial): void {
    if (this.#denial !== "list") this.#denial = denial;
    this.#denied = null;
    this.#carries = false;
    this.#modifierInDenial = false;
    this.endGroup();
  }

  #denyBack(): void {
    if (this.#view.grammar.absentTakesItem === true) {
      for (const draft of this.drafts) draft.negated = true;
      this.unknown = 0;
      return;
    }
    if (this.#last !== null && this.#wordsBetween === 0) this.#last.negated = true;
    else if (this.#unknownBefore > 0) {
      this.unknown -= this.#unknownBefore;
      this.#unknownBefore = 0;
    }
    this.endGroup();
  }

  #origin(origin: Origin | null): void {
    if (origin === null) return;
    if (this.#denial === "phrase" && this.#denied === null) {
      if (origin === "animal") this.pendingOrigin = "plant";
      return;
    }
    const isAfter = this.#view.grammar.headFirst === true || this.#ofBetween || origin === "halal";
    const takes =
      this.#last !== null && this.#last.origin === null && this.#mayTake(this.#last, origin, true);
    if (isAfter && takes && this.#last !== null) this.#last.origin = origin;
    else if (this.pendingOrigin !== "halal") this.pendingOrigin = origin;
  }

  #substance(part: Part): void {
    const word = part.word;
    this.#add({
      row: part.substance,
      additive: part.substance?.additive ?? null,
      partial: word?.partial ?? false,
    });
    const draft = this.drafts.at(-1);
    if (draft === undefined || word === null) return;
    if (word.partial) this.unknown += 1;
    if (word.origin !== null && draft.origin === null) this.#give(draft, word.origin, true);
    if (word.denied) draft.negated = true;
    if (word.also !== null) {
      this.drafts.push({ ...draft, row: word.also, additive: word.also.additive, origin: null });
    }
  }

  #add(found: Pick<Draft, "row" | "additive" | "partial">): void {
    if (this.#place && found.row?.substance === "en:turkey") return;
    const draft: Draft = {
      ...found,
      origin: null,
      percent: this.drafts.length === 0 ? this.percent : null,
      negated: this.#isDenied(found.row),
      trace: this.#trace,
    };
    this.#qualify(draft);
    this.drafts.push(draft);
    this.#last = draft;
    this.#unknownBefore = 0;
    this.#resetBetween();
  }

  /** A denial reaches the first substance, and on over "and", "of" and compound nouns, but never over a modifier to meat. */
  #isDenied(row: SubstanceRow | null): boolean {
    if (this.#denial === "none") return false;
    if (this.#denial === "list") return true;
    const isGrave = row?.kind === "animal" || row?.kind === "alcohol";
    const before = this.#denied?.row?.kind ?? null;
    const isCompound =
      this.#denied === this.#last &&
      this.#wordsBetween === 0 &&
      (before === "animal" || before === "alcohol" || before === "mixed");
    const reaches =
      this.#denied === null ? !(isGrave && this.#modifierInDenial) : this.#carries || isCompound;
    this.#carries = false;
    if (!reaches) this.#denial = "none";
    return reaches;
  }

  #qualify(draft: Draft): void {
    if (this.#denial !== "none" && draft.negated) this.#denied = draft;
    const last = this.#last;
    if (this.pendingOrigin !== null) {
      if (this.#mayTake(draft, this.pendingOrigin, true)) {
        draft.origin = this.pendingOrigin;
        this.pendingOrigin = null;
      }
    }
    if (last === null || last.row === null || draft.row === null) return;
    const isAfter = this.#ofBetween || this.#view.grammar.headFirst === true;
    if (this.#stopBetween && !this.#ofBetween) return;
    const [target, source] = isAfter ? [last, draft.row] : [draft, last.row];
    const origin = originOf(source, this.#lexicon);
    if (origin !== null && target.origin === null) this.#give(target, origin, false);
  }

  #give(draft: Draft, origin: Origin, isStated: boolean): void {
    if (this.#mayTake(draft, origin, isStated)) draft.origin = origin;
  }

  #mayTake(draft: Draft, origin: Origin, isStated: boolean): boolean {
    return mayTakeOrigin(draft, origin, isStated, this.#lexicon);
  }

  #percent(value: number): void {
    if (this.#last === null) this.percent = value;
    else this.#last.percent ??= value;
  }

  #number(digits: string): void {
    if (!isAdditiveNumber(digits)) return;
    if (this.#last?.row?.kind === "function") {
      const code = `E${digits}`;
      this.#add({ row: this.#lexicon.findAdditive(code), additive: code, partial: false });
    } else {
      this.numbers.push(digits);
    }
  }

  #unknownWord(): void {
    this.#wordsBetween += 1;
    if (this.#place) return;
    const isCovered =
      this.#denial === "list" || (this.#denial === "phrase" && this.#denied === null);
    if (isCovered) return;
    this.unknown += 1;
    this.#unknownBefore += 1;
  }

  #resetBetween(): void {
    this.#ofBetween = false;
    this.#stopBetween = false;
    this.#wordsBetween = 0;
  }
}

/**
 * Tells whether an origin may be noted for a substance. A word such as "vegan" or "plant-based" (`isStated`) may turn ham
 * into a substitute; a vegetable beside it may not, because pea and ham make a soup.
 */
export function mayTakeOrigin(
  draft: Draft,
  origin: Origin,
  isStated: boolean,
  lexicon: Lexicon,
): boolean {
  const row = draft.row;
  if (row === null) return draft.additive !== null;
  if (row.kind === "alcohol") return false;
  if (origin === "halal") return row.kind !== "plant" && row.kind !== "water";
  if (!takesOrigin(row, lexicon)) return false;
  if (isStated) return true;
  if (row.kind !== "animal") return true;
  if (origin === "poultry" || origin === "bovine" || origin === "sheep") return true;
  return origin === "fish" && !lexicon.isA(row.substance, "en:pork");
}
