import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { HALAL_STATUSES, type HalalStatus } from "../../src/db/tables/vocabulary.ts";
import { replaceSection } from "../report/markdown.ts";
import type { ScenarioResult } from "../report/model.ts";
import { judgeSet, SET_TARGETS, type SetCounts } from "./verdict-sets.ts";
import type { ReadingCost } from "./verdict-speed.ts";

const DOCUMENT = "docs/verdicts.md";
/** Source: issue 12. Units: milliseconds. */
const PRODUCT_MAX = 1;
const HOSTILE_MAX = 5;

/** One line of a labelled file. */
export interface Labelled {
  readonly set: string;
  readonly code: string;
  readonly name: string;
  readonly list: string;
  readonly language: string;
  readonly expected: HalalStatus;
  readonly accept: readonly HalalStatus[];
  readonly why: string;
  /** Why the line's own expectation does not count; null where it does. */
  readonly mended: string | null;
}

/** A line and what a scan answered. */
export interface Answered extends Labelled {
  readonly answer: HalalStatus;
  readonly reasons: readonly string[];
}

function countSet(set: string, all: readonly Answered[]): SetCounts {
  const lines = all.filter((one) => one.set === set);
  const count = (matches: (one: Answered) => boolean) => lines.filter(matches).length;
  const [halal, haram, doubtful, unknown] = HALAL_STATUSES.map((status) =>
    count(({ answer }) => answer === status),
  );
  return {
    set,
    lines: lines.length,
    halal: halal ?? 0,
    haram: haram ?? 0,
    doubtful: doubtful ?? 0,
    unknown: unknown ?? 0,
    right: count(({ accept, answer }) => accept.includes(answer)),
    falseHalal: count(({ accept, answer }) => answer === "halal" && !accept.includes(answer)),
    falseHaram: count(({ accept, answer }) => answer === "haram" && !accept.includes(answer)),
  };
}

/** Reports the answers; `withTaxonomy` are those after an import of the taxonomy, or null. */
export function reportVerdicts(
  answered: readonly Answered[],
  withTaxonomy: readonly Answered[] | null,
  cost: ReadingCost,
): ScenarioResult {
  const sets = [...new Set(answered.map(({ set }) => set))].map((set) => countSet(set, answered));
  const listed = answered.filter(({ list }) => list.trim() !== "");
  const unknown = listed.filter(({ answer }) => answer === "unknown").length;
  const isRight = ({ accept, answer }: Answered) => accept.includes(answer);
  const rightWith = withTaxonomy?.filter(isRight).length ?? 0;
  const falseHalalWith =
    withTaxonomy?.filter((one) => one.answer === "halal" && !isRight(one)).length ?? 0;
  const rightWithout = answered.filter(isRight).length;
  const wrong = answered.filter(({ accept, answer }) => !accept.includes(answer));
  return {
    name: "verdicts",
    title: "Verdicts on labelled products",
    rows: [
      ...sets.map((counts) => {
        const { target, reached } = judgeSet(counts);
        const { set, lines } = counts;
        return {
          what: `${set} ${SET_TARGETS[set]?.title ?? ""}`.trim(),
          ours: matrixCells(counts).join(" · "),
          limit: `${lines} lines`,
          ratio: "",
          target,
          reached,
        };
      }),
      {
        what: "unknown of those with a list",
        ours: percent(unknown, listed.length),
        limit: `${listed.length} lines`,
        ratio: "",
        target: "≤ 35 %",
        reached: unknown <= 0.35 * listed.length,
      },
      {
        what: "reading a product, median",
        ours: `${cost.product.toFixed(2)} ms`,
        limit: "processor time",
        ratio: "",
        target: `≤ ${PRODUCT_MAX} ms`,
        reached: cost.product <= PRODUCT_MAX,
      },
      {
        what: "reading a hostile list",
        ours: `${cost.hostile.toFixed(1)} ms`,
        limit: cost.hostileName,
        ratio: "",
        target: `≤ ${HOSTILE_MAX} ms`,
        reached: cost.hostile <= HOSTILE_MAX,
      },
      ...(withTaxonomy === null
        ? []
        : [
            {
              what: "right with the taxonomy imported",
              ours: `${rightWith}, false halal ${falseHalalWith}`,
              limit: `${rightWithout} without it`,
              ratio: "",
              target: "no worse, false halal 0",
              reached: rightWith >= rightWithout && falseHalalWith === 0,
            },
          ]),
    ],
    plots: [],
    notes: [
      "Counts: halal · haram · doubtful · unknown · right · false halal · false haram.",
      ...answered.flatMap(({ set, code, name, mended }) =>
        mended === null
          ? []
          : [`${set} ${code} ${name}: the label's expectation does not count: ${mended}.`],
      ),
      ...wrong.map(
        ({ set, code, name, expected, answer, why, reasons }) =>
          `${set} ${code} ${name}: ${answer}, expected ${expected} (${why}). ${reasons.join(" ")}`,
      ),
    ],
    figures: { sets, answered },
  };
}

const matrixCells = (one: SetCounts) =>
  [one.halal, one.haram, one.doubtful, one.unknown, one.right, one.falseHalal, one.falseHaram].map(
    String,
  );

const percent = (part: number, whole: number) =>
  whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;

/** Puts the matrix, and the labels that the rules contradict, into the page about verdicts. */
export function writeMatrix(answered: readonly Answered[]): void {
  const sets = [...new Set(answered.map(({ set }) => set))].map((set) => countSet(set, answered));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const titles = [
    "set",
    "lines",
    "halal",
    "haram",
    "doubtful",
    "unknown",
    "right",
    "false halal",
    "false haram",
    "must",
    "reached",
  ];
  const section = [
    line(titles),
    line(titles.map(() => "---")),
    ...sets.map((counts) => {
      const { target, reached } = judgeSet(counts);
      const title = `${counts.set} ${SET_TARGETS[counts.set]?.title ?? ""}`.trim();
      return line([
        title,
        String(counts.lines),
        ...matrixCells(counts),
        target,
        reached ? "yes" : "no",
      ]);
    }),
    "",
    "Labels that the rules above contradict, and which count as said here:",
    "",
    ...answered.flatMap(({ set, code, name, mended }) =>
      mended === null ? [] : [`- ${set} ${code} ${name}: ${mended}.`],
    ),
  ].join("\n");
  writeFileSync(DOCUMENT, replaceSection(readFileSync(DOCUMENT, "utf8"), "verdicts", section));
  execFileSync("node_modules/.bin/oxfmt", [DOCUMENT]);
}
