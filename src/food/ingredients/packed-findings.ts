import {
  ANALYSIS_VERSION,
  type Finding,
  type Findings,
  type HalalClaim,
  ORIGINS,
} from "./findings.ts";
import type { SubstanceKind } from "./lexicon.ts";

/** The most that packed findings take. Units: bytes of UTF-8. */
export const MAX_PACKED_BYTES = 2_048;

/** Kinds whose quotes go first when room is short. */
const HARMLESS_KINDS: ReadonlySet<SubstanceKind | null> = new Set<SubstanceKind | null>([
  "plant",
  "fungus",
  "mineral",
  "water",
  "egg",
  "dairy",
  "fish",
]);

const FLAGS = { trace: 1, negated: 2, inside: 4, contents: 8 } as const;

/** Unrecognised quotes that stay when room is short: a reason shows five. */
const FEW_QUOTES = 5;

/** Substance, additive, flags, origin, percentage and quote; what is absent at the end is left out. */
type PackedItem = readonly (string | number)[];

interface Packed {
  readonly v: number;
  readonly l?: string;
  readonly i?: readonly (string | PackedItem)[];
  readonly u?: readonly string[];
  readonly n?: number;
  readonly r?: number;
  readonly h?: HalalClaim;
  readonly c?: 1;
}

/** Packed findings, and what unpacking them gives. */
export interface PackedFindings {
  readonly packed: string;
  readonly kept: Findings | null;
}

/**
 * Packs findings into compact JSON text for a column. `kindOf` tells the kind of a substance. Merges duplicates first; when
 * room is short, it drops quotes of harmless items, then all quotes, then harmless items and at last others, which marks
 * the findings as cut.
 * Units: `MAX_PACKED_BYTES` at most.
 */
export function packFindings(
  findings: Findings,
  kindOf: (substance: string) => SubstanceKind | null,
): PackedFindings {
  const merged = { ...findings, items: mergeDuplicates(findings.items) };
  const whole = pack(merged);
  if (isShort(whole)) return { packed: whole, kept: merged };
  const packed = packShort(merged, kindOf);
  return { packed, kept: unpackFindings(packed) };
}

function packShort(
  findings: Findings,
  kindOf: (substance: string) => SubstanceKind | null,
): string {
  const { items } = findings;
  const isHarmless = (item: Finding) =>
    item.negated ||
    (item.substance !== null &&
      item.additive === null &&
      HARMLESS_KINDS.has(kindOf(item.substance)));
  const plain = items.map((item) => (isHarmless(item) ? { ...item, quote: "" } : item));
  const bare = items.map((item) => ({ ...item, quote: "" }));
  const few = findings.unrecognised.slice(0, FEW_QUOTES);
  const steps: (() => Findings)[] = [
    () => ({ ...findings, items: plain }),
    () => ({ ...findings, items: plain, unrecognised: few }),
    () => ({ ...findings, items: bare, unrecognised: few }),
    () => ({
      ...findings,
      items: bare.filter((item) => !item.negated || !isHarmless(item)),
      unrecognised: [],
    }),
  ];
  for (const step of steps) {
    const packed = pack(step());
    if (isShort(packed)) return packed;
  }
  const grave = [...bare].sort(
    (left, right) => Number(isHarmless(left)) - Number(isHarmless(right)),
  );
  let count = grave.length;
  let packed = "";
  do {
    count = Math.floor(count * 0.8);
    packed = pack({ ...findings, items: grave.slice(0, count), unrecognised: [], cut: true });
  } while (!isShort(packed) && count > 0);
  return packed;
}

/** Reads what `packFindings` wrote. Returns null for text of another form or of another analysis version. */
export function unpackFindings(packed: string): Findings | null {
  let value: unknown;
  try {
    value = JSON.parse(packed);
  } catch {
    return null;
  }
  if (
    typeof value !== "object" ||
    value === null ||
    !("v" in value) ||
    value.v !== ANALYSIS_VERSION
  ) {
    return null;
  }
  const { v, l, i, u, n, r, h, c } = value as Packed;
  return {
    version: v,
    language: l ?? null,
    items: (i ?? []).map((item) => unpackItem(typeof item === "string" ? [item] : item)),
    unrecognised: u ?? [],
    itemCount: n ?? 0,
    recognisedCount: r ?? n ?? 0,
    halalClaim: h ?? null,
    cut: c === 1,
  };
}

function pack(findings: Findings): string {
  const { version, language, items, unrecognised, itemCount, recognisedCount, halalClaim, cut } =
    findings;
  const packed: Packed = {
    v: version,
    ...(language === null ? {} : { l: language }),
    ...(items.length === 0 ? {} : { i: items.map((item) => packItem(item)) }),
    ...(unrecognised.length === 0 ? {} : { u: unrecognised }),
    ...(itemCount === 0 ? {} : { n: itemCount }),
    ...(recognisedCount === itemCount ? {} : { r: recognisedCount }),
    ...(halalClaim === null ? {} : { h: halalClaim }),
    ...(cut ? { c: 1 } : {}),
  };
  return JSON.stringify(packed);
}

function packItem(item: Finding): string | PackedItem {
  const flags =
    (item.trace ? FLAGS.trace : 0) |
    (item.negated ? FLAGS.negated : 0) |
    (item.inside ? FLAGS.inside : 0) |
    (item.contents ? FLAGS.contents : 0);
  const fields: (string | number)[] = [
    item.substance ?? "",
    item.additive ?? "",
    flags,
    item.origin === null ? -1 : ORIGINS.indexOf(item.origin),
    item.percent ?? -1,
    item.quote,
  ];
  const empty = ["", "", 0, -1, -1, ""];
  while (fields.length > 1 && fields.at(-1) === empty[fields.length - 1]) fields.pop();
  const [only] = fields;
  return fields.length === 1 && typeof only === "string" ? only : fields;
}

function unpackItem(fields: PackedItem): Finding {
  const [substance = "", additive = "", flags = 0, origin = -1, percent = -1, quote = ""] = fields;
  const set = Number(flags);
  return {
    substance: substance === "" ? null : String(substance),
    additive: additive === "" ? null : String(additive),
    origin: ORIGINS[Number(origin)] ?? null,
    trace: (set & FLAGS.trace) !== 0,
    negated: (set & FLAGS.negated) !== 0,
    percent: Number(percent) < 0 ? null : Number(percent),
    contents: (set & FLAGS.contents) !== 0,
    inside: (set & FLAGS.inside) !== 0,
    quote: String(quote),
  };
}

/** Keeps the first of the items that say the same; a percentage survives from either. */
function mergeDuplicates(items: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const item of items) {
    const key = [
      item.substance,
      item.additive,
      item.origin,
      item.trace,
      item.negated,
      item.inside,
      item.contents,
    ].join(" ");
    const known = merged.get(key);
    if (known === undefined) merged.set(key, item);
    else if (known.percent === null && item.percent !== null) {
      merged.set(key, { ...known, percent: item.percent });
    }
  }
  return [...merged.values()];
}

/** The most bytes that a UTF-16 unit becomes. */
const BYTES_OF_UNIT = 3;
const encoder = new TextEncoder();

/** Tells whether text fits into the column, without Node's Buffer. */
function isShort(text: string): boolean {
  return (
    text.length * BYTES_OF_UNIT <= MAX_PACKED_BYTES ||
    encoder.encode(text).length <= MAX_PACKED_BYTES
  );
}
