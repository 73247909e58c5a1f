/** The targets of a set of labelled products. Units: shares of its lines, from 0 to 1. */
export interface SetTarget {
  /** The subject of the set, after its file's name. */
  readonly title: string;
  readonly haramMin?: number;
  readonly doubtfulMin?: number;
  readonly halalMin?: number;
  readonly rightMin?: number;
  readonly unknownMax?: number;
  readonly halalMax?: number;
  readonly haramMax?: number;
}

/** Source: issue 12, acceptance by set; no set may have a false halal. */
export const SET_TARGETS: Readonly<Record<string, SetTarget>> = {
  a: { title: "pork", haramMin: 0.99, unknownMax: 0.02, halalMax: 0 },
  b: { title: "alcohol", rightMin: 0.97, unknownMax: 0.03, halalMax: 0 },
  c: { title: "halal label", halalMin: 1 },
  d: { title: "doubtful substances", rightMin: 0.95, unknownMax: 0.05 },
  e: { title: "plants only", halalMin: 0.85, haramMax: 0, rightMin: 1 },
  f: { title: "vegan label", halalMin: 0.9, haramMax: 0 },
  g: { title: "meat, no halal statement", doubtfulMin: 0.95, halalMax: 0 },
  traps: { title: "traps", rightMin: 1 },
};

/** The lines of one set, counted by answer. */
export interface SetCounts {
  readonly set: string;
  readonly lines: number;
  readonly halal: number;
  readonly haram: number;
  readonly doubtful: number;
  readonly unknown: number;
  readonly right: number;
  /** The number of halal answers that the label does not accept. */
  readonly falseHalal: number;
  readonly falseHaram: number;
}

/** Returns the target as text, and whether the counts reach it; null for a set without a target. */
export function judgeSet(counts: SetCounts): {
  readonly target: string;
  readonly reached: boolean;
} {
  const target = SET_TARGETS[counts.set] ?? { title: counts.set };
  const share = (count: number) => count / Math.max(counts.lines, 1);
  const bounds: readonly (readonly [
    name: string,
    share: number,
    min?: number | undefined,
    max?: number | undefined,
  ])[] = [
    ["haram", share(counts.haram), target.haramMin, target.haramMax],
    ["halal", share(counts.halal), target.halalMin, target.halalMax],
    ["doubtful", share(counts.doubtful), target.doubtfulMin],
    ["right", share(counts.right), target.rightMin],
    ["unknown", share(counts.unknown), undefined, target.unknownMax],
    ["false halal", share(counts.falseHalal), undefined, 0],
  ];
  const words = bounds.flatMap(([name, , min, max]) => [
    ...(min === undefined ? [] : [`${name} ≥ ${Math.round(min * 100)} %`]),
    ...(max === undefined
      ? []
      : [max === 0 ? `${name} 0` : `${name} ≤ ${Math.round(max * 100)} %`]),
  ]);
  const reached = bounds.every(
    ([, value, min = 0, max = 1]) => value >= min - 1e-9 && value <= max + 1e-9,
  );
  return { target: words.join(", "), reached };
}
