import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseOwnRulings, readOwnFiles } from "../../../src/seed/lexicon/own-lexicon.ts";
import { doubtTable, ruleTable, sourceTable } from "../../../src/verdict/rule-table.ts";
import { VERDICT_RULES } from "../../../src/verdict/verdict-rules.ts";

/** A table's cells, whatever width its columns have. */
function cellsOf(markdown: string): string[][] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()));
}

function shown(name: string): string[][] {
  const page = readFileSync("docs/verdicts.md", "utf8");
  const [, section = ""] =
    new RegExp(`<!-- ${name}:start -->([\\s\\S]*?)<!-- ${name}:end -->`).exec(page) ?? [];
  return cellsOf(section);
}

it("docs/verdicts.md has the current rules, doubts and sources (npm run docs:verdicts writes it)", () => {
  const rulings = parseOwnRulings(readOwnFiles()).map(([, , status, , , source, place]) => ({
    halalStatus: String(status),
    source: String(source),
    place: String(place ?? ""),
  }));
  expect(cellsOf(ruleTable())).toHaveLength(VERDICT_RULES.length + 1);
  expect(shown("rules")).toEqual(cellsOf(ruleTable()));
  expect(shown("doubts")).toEqual(cellsOf(doubtTable()));
  expect(shown("sources").map((cells) => cells.slice(2, 5))).toEqual(
    cellsOf(sourceTable(rulings)).map((cells) => cells.slice(2, 5)),
  );
});

it("every shipped ruling names its source, a status and how it was checked", () => {
  const rulings = parseOwnRulings(readOwnFiles());
  expect(rulings.length).toBeGreaterThan(250);
  for (const [substance, , status, confidence, reasonCode, source, , note] of rulings) {
    expect([substance, ["halal", "haram", "doubtful"].includes(String(status))]).toEqual([
      substance,
      true,
    ]);
    expect(Number(confidence)).toBeGreaterThan(0);
    expect([substance, reasonCode, source].every((one) => String(one ?? "").trim() !== "")).toBe(
      true,
    );
    expect(note).toMatch(/verified=(?:yes|yes\(rule\)|no)$/);
  }
});
