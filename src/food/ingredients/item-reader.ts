import { type Draft, isGraveKind, isMeat } from "./draft.ts";
import { isAdditiveNumber } from "./e-code.ts";
import { ORIGINS, type Origin } from "./findings.ts";
import { joinNeighbours } from "./joined-drafts.ts";
import type { LanguageView, Lexicon, SubstanceRow } from "./lexicon.ts";
import type { Part } from "./match-words.ts";
import { mayTakeOrigin, originOf, wordsOrigin } from "./origins.ts";
import { FIRST_ORIGIN, ROLE } from "./roles.ts";
import type { Item } from "./split-items.ts";
import { isStrainCode } from "./strain-codes.ts";

/** Units: letters. */
const SHORT_WORD = 3;

/** How far a denial reaches: over an adjective, a phrase, or the rest of the entry. */
type Denial = "none" | "word" | "phrase" | "list";

/** Walks over the parts of one entry and notes what each says of the others. */
export class ItemReader {
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
        this.#substance(part, item);
        break;
      case "code":
        this.#add({ row: part.substance, additive: part.code, partial: false });
        break;
      case "percent":
        this.#percent(part.value);
        break;
      case "number":
        this.#number(item.tokens[part.from]?.fold ?? "");
        break;
      case "unknown":
        this.#unknownWord(item.tokens[part.from]?.fold ?? "");
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
      case ROLE.not:
        this.#deny("word");
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
    if (this.#isOpen()) {
      if (origin === "animal") this.pendingOrigin = "plant";
      return;
    }
    const isAfter = this.#view.grammar.headFirst === true || this.#ofBetween || origin === "halal";
    const takes =
      this.#last !== null &&
      this.#last.origin === null &&
      mayTakeOrigin(this.#last, origin, true, this.#lexicon);
    if (isAfter && takes && this.#last !== null) this.#last.origin = origin;
    else if (this.pendingOrigin !== "halal") this.pendingOrigin = origin;
  }

  #substance(part: Part, item: Item): void {
    const word = part.word;
    if (this.#isSplitWord(part, part.substance)) return;
    this.#add({
      row: part.substance,
      additive: part.substance?.additive ?? null,
      partial: word?.partial ?? false,
    });
    const draft = this.drafts.at(-1);
    if (draft === undefined) return;
    const stated = wordsOrigin(item.tokens.slice(part.from, part.to), this.#view);
    if (stated !== null && draft.origin === null && draft.additive !== null) draft.origin = stated;
    if (word === null) return;
    if (word.partial) this.unknown += 1;
    if (word.origin !== null && draft.origin === null) this.#give(draft, word.origin, true);
    if (word.denied) draft.negated = true;
    if (word.also !== null) {
      this.drafts.push({ ...draft, row: word.also, additive: word.also.additive, origin: null });
    }
  }

  /** In `Poite vin` a scanner has split a word; where a noun comes first, no unknown word stands before it. */
  #isSplitWord(part: Part, row: SubstanceRow | null): boolean {
    return (
      row?.kind === "alcohol" &&
      this.#view.grammar.headFirst === true &&
      this.#unknownBefore > 0 &&
      part.length > 0 &&
      part.length <= SHORT_WORD
    );
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
    const isGrave = isGraveKind(row);
    const before = this.#denied?.row?.kind ?? null;
    const isCompound =
      this.#denied === this.#last &&
      this.#wordsBetween === 0 &&
      (before === "animal" || before === "alcohol" || before === "mixed");
    if (this.#denial === "word" && (this.#modifierInDenial || isMeat(row))) {
      this.#denial = "none";
      return false;
    }
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
      if (mayTakeOrigin(draft, this.pendingOrigin, true, this.#lexicon)) {
        draft.origin = this.pendingOrigin;
        this.pendingOrigin = null;
      }
    }
    if (last === null || last.row === null || draft.row === null) return;
    const isAfter = this.#ofBetween || this.#view.grammar.headFirst === true;
    if (this.#stopBetween && !this.#ofBetween) return;
    joinNeighbours(last, draft, this.#ofBetween, this.#lexicon);
    const [target, source] = isAfter ? [last, draft.row] : [draft, last.row];
    const origin = originOf(source, this.#lexicon);
    if (origin !== null && target.origin === null) this.#give(target, origin, false);
  }

  #give(draft: Draft, origin: Origin, isStated: boolean): void {
    if (mayTakeOrigin(draft, origin, isStated, this.#lexicon)) draft.origin = origin;
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

  #unknownWord(word: string): void {
    if (this.#wordsBetween === 0 && isStrainCode(word, this.#last, this.#lexicon)) return;
    this.#wordsBetween += 1;
    if (this.#place) return;
    if (this.#denial === "list" || this.#isOpen()) return;
    this.unknown += 1;
    this.#unknownBefore += 1;
  }

  /** True while a denial has not met what it denies. */
  #isOpen(): boolean {
    return (this.#denial === "word" || this.#denial === "phrase") && this.#denied === null;
  }

  #resetBetween(): void {
    this.#ofBetween = false;
    this.#stopBetween = false;
    this.#wordsBetween = 0;
  }
}
