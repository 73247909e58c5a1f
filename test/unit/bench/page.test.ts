import { describe, expect, it } from "vitest";
import { escapeHtml } from "../../../bench/report/escape.ts";
import type { ScenarioResult } from "../../../bench/report/model.ts";
import { reportPage } from "../../../bench/report/page.ts";
import { plotFigure } from "../../../bench/report/plot.ts";

const HOSTILE = `<script>alert("x")</script>&'`;
const machine = {
  cpu: HOSTILE,
  cores: 2,
  memoryGigabytes: 8,
  system: "none",
  node: "v24",
  commit: "abc",
  loadAverage: 0,
};
const result: ScenarioResult = {
  name: HOSTILE,
  title: HOSTILE,
  rows: [
    { what: HOSTILE, ours: HOSTILE, limit: "", ratio: "", target: "≤ 1", reached: true },
    { what: "other", ours: "2", limit: "", ratio: "", target: "≤ 1", reached: false },
    { what: "third", ours: "3", limit: "", ratio: "", target: "", reached: null },
  ],
  plots: [
    {
      title: HOSTILE,
      xLabel: HOSTILE,
      yLabel: HOSTILE,
      series: [{ name: HOSTILE, points: [[1, 2]] }],
    },
  ],
  notes: [HOSTILE],
  figures: null,
};

describe("reportPage", () => {
  const page = reportPage([{ at: "2026-01-02T03:04:05.000Z", machine, isQuick: false, result }]);

  it("escapes every text", () => {
    expect(page).toContain(escapeHtml(HOSTILE));
    expect(page).not.toContain("<script");
    // A quote is harmless in a text, but ends an attribute.
    expect(page).not.toMatch(/<[^>]*alert\("x"\)/);
  });

  it("counts the reached targets among rows with a target", () => {
    expect(page).toContain("<b>1</b> of <b>2</b> targets reached");
  });

  it("leaves out columns in which nothing stands, and loads nothing from anywhere", () => {
    expect(page).not.toContain("<th>ratio</th>");
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page).not.toMatch(/url\(|@import/);
  });
});

describe("plotFigure", () => {
  const plot = { title: "t", xLabel: "x", yLabel: "y" };

  it("draws a line for each series, and skips values that are not numbers", () => {
    const figure = plotFigure({
      ...plot,
      series: [
        {
          name: "a",
          points: [
            [0, 0],
            [5, Number.NaN],
            [10, 10],
          ],
        },
        { name: "b", points: [[0, 10]] },
      ],
    });
    const lines = /<g[^>]*aria-label="line">(.*?)<\/g>/.exec(figure)?.[1] ?? "";
    const points = [...lines.matchAll(/ d="([^"]*)"/g)].map(([, path = ""]) => path.split(/[ML]/));
    expect(points.map((parts) => parts.length - 1)).toEqual([2, 1]);
    expect([...figure.matchAll(/<circle /g)]).toHaveLength(3);
    expect(figure).not.toContain("NaN");
  });

  it("returns an empty string without points", () => {
    expect(plotFigure({ ...plot, series: [{ name: "a", points: [] }] })).toBe("");
  });
});
