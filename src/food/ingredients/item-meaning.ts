import { type Draft, isGraveKind } from "./draft.ts";
import type { Origin } from "./findings.ts";
import { freeOfAlcohol } from "./joined-drafts.ts";
import type { LanguageView, Lexicon } from "./lexicon.ts";
import type { Part } from "./match-words.ts";
import { ItemReader } from "./item-reader.ts";
import { FIRST_ORIGIN, ROLE } from "./roles.ts";
import type { Item } from "./split-items.ts";

/** The meaning of one entry by itself. */
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
  /** True when it names a class of additives only and the entry after it names the additive. */
  isAnswered: boolean;
  /** True when the advice names meat or drink, so that the list may go on in it. */
  readonly hidesGrave: boolean;
  /** True when nothing in it names a substance by words, as in `E471`. */
  readonly isCode: boolean;
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
  freeOfAlcohol(reader.drafts, lexicon);
  const roles = rolesOf(parts);
  const has = (role: number) => (roles & (1 << role)) !== 0;
  const opener = parts[0]?.type === "role" ? parts[0].value : 0;
  const isHalalDenied = has(ROLE.halal) && DENIALS.some(has);
  if (isHalalDenied) forgetHalal(reader);
  return {
    item,
    drafts: reader.drafts,
    unknown: reader.unknown,
    looseOrigin: reader.drafts.length === 0 ? reader.pendingOrigin : null,
    loosePercent: reader.drafts.length === 0 ? reader.percent : null,
    numbers: reader.numbers,
    isHalal: has(ROLE.halal) && !isHalalDenied,
    isNotHalal: has(ROLE.notHalal),
    hasTraceOpener: has(ROLE.trace),
    hasTraceCloser: has(ROLE.traceAfter),
    opensFreeFrom: opener === ROLE.freeFrom,
    closesDenied: view.grammar.absentTakesItem === true && has(ROLE.absent),
    opensContains: opener === ROLE.contains,
    isPlace: has(ROLE.place),
    hasAnd: has(ROLE.and),
    noiseAt,
    isAnswered: false,
    hidesGrave: noiseAt >= 0 && parts.slice(noiseAt).some((part) => isGraveKind(part.substance)),
    isCode: parts.every((part) => part.type !== "substance"),
  };
}

const DENIALS: readonly number[] = [ROLE.not, ROLE.without, ROLE.freeFrom, ROLE.absent];

/**
 * Takes the halal statement back and leaves the entry not understood: `tidak bersertifikat halal` denies it, and where it
 * may deny something else, nobody can tell.
 */
function forgetHalal(reader: ItemReader): void {
  if (reader.pendingOrigin === "halal") reader.pendingOrigin = null;
  for (const draft of reader.drafts) if (draft.origin === "halal") draft.origin = null;
  reader.unknown = Math.max(reader.unknown, 1);
}

/** The roles of an entry's parts, a bit each; an origin sets none. */
function rolesOf(parts: readonly Part[]): number {
  let roles = 0;
  for (const { type, value } of parts) {
    if (type === "role" && value < FIRST_ORIGIN) roles |= 1 << value;
  }
  return roles;
}
