import { describe, expect, it } from "vitest";
import { countUsable, type FileSummary, formatSummaries } from "../../../src/import/summary.ts";

const summary: FileSummary = {
  file: "a.jsonl",
  format: "JSON lines",
  read: 1_400,
  inserted: 1_000,
  updated: 20,
  same: 300,
  rejected: 80,
  reasons: new Map([
    ["empty", 30],
    ["repeated", 50],
  ]),
  notes: new Map([["barcode_repaired", 4]]),
  fault: null,
  rejectsFile: "a.jsonl.rejects.jsonl",
  elapsedMs: 1,
};

describe("formatSummaries", () => {
  it("shows the counts, the reasons by frequency and the path of the rejects file", () => {
    expect(formatSummaries([summary], false).split("\n")).toEqual([
      "                                 read    new  changed  same  rejected",
      "a.jsonl                         1,400  1,000       20   300        80",
      "  rejected: repeated                                               50",
      "  rejected: empty                                                  30",
      "  taken, but: barcode_repaired      4",
      "each of them with its reason: a.jsonl.rejects.jsonl",
      "",
    ]);
  });

  it("shows which file was not complete, and that a run was a dry run", () => {
    const text = formatSummaries([{ ...summary, fault: "it is cut off" }], true);
    expect(text).toContain("NOT COMPLETE: it is cut off");
    expect(text).toContain("dry run");
  });
});

describe("countUsable", () => {
  it("counts the records that are in the database, including repeated ones", () => {
    expect(countUsable(summary)).toBe(1_370);
    expect(countUsable({ ...summary, inserted: 0, updated: 0, same: 0, reasons: new Map() })).toBe(
      0,
    );
  });
});
