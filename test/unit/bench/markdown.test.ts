import { describe, expect, it } from "vitest";
import { markdownTable, replaceSection } from "../../../bench/report/markdown.ts";

const machine = {
  cpu: "CPU",
  cores: 2,
  memoryGigabytes: 8,
  system: "none",
  node: "v24",
  commit: "abc",
  loadAverage: 0.5,
};

describe("replaceSection", () => {
  it("puts a first section at the end, and a second under the same heading", () => {
    const one = replaceSection("# Title\n\nText.\n", "hits", "H1");
    const two = replaceSection(one, "start", "S1");
    expect(two).toBe(
      "# Title\n\nText.\n\n## Measured\n\n<!-- bench:hits:start -->\n\nH1\n\n<!-- bench:hits:end -->\n\n<!-- bench:start:start -->\n\nS1\n\n<!-- bench:start:end -->\n",
    );
  });

  it("replaces only the text between a scenario's marks", () => {
    const before =
      "a\n\n<!-- bench:hits:start -->\n\nold\n\n<!-- bench:hits:end -->\n\nb\n\n<!-- bench:start:start -->\n\nkept\n\n<!-- bench:start:end -->\n\nc\n";
    const after = replaceSection(before, "hits", "new");
    expect(after).toBe(before.replace("old", "new"));
    expect(replaceSection(after, "hits", "new")).toBe(after);
  });
});

describe("markdownTable", () => {
  const row = { what: "a | b", ours: "1", limit: "", ratio: "", target: "≤ 2", reached: true };
  const result = { name: "x", title: "X", plots: [], notes: [], figures: null };

  it("shows the rows with a target, and escapes characters that would end a cell", () => {
    const rows = [row, { ...row, what: "no aim", target: "", reached: null }];
    const table = markdownTable({ ...result, rows }, machine, "2026-01-02");
    expect(table).toContain(String.raw`| a \| b | 1 | ≤ 2 | yes |`);
    expect(table).toContain("| what | measured | target | reached |");
    expect(table).not.toContain("no aim");
  });

  it("shows all rows when none has a target", () => {
    const rows = [{ ...row, target: "", reached: null }];
    expect(markdownTable({ ...result, rows }, machine, "2026-01-02")).toContain("| 1 |");
  });
});
