import * as ObservablePlot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeHtml } from "./escape.ts";
import type { Plot } from "./model.ts";

const WIDTH = 640;
const HEIGHT = 320;
/** The number of line colours of the page. */
const COLOURS = 6;
/** A line with at most this many points shows each point as a dot. */
const DOTS_MAX = 16;

const { document } = parseHTML("<html><body></body></html>");

/** Draws a plot as a figure with title, legend and SVG; returns an empty string without points. */
export function plotFigure(plot: Plot): string {
  const rows = plot.series.flatMap(({ name, points }, i) =>
    points
      .filter((point) => point.every(Number.isFinite) && isShown(point, plot))
      .map(([x, y]) => ({
        x,
        y,
        name,
        colour: `var(--c${i % COLOURS})`,
        dots: points.length <= DOTS_MAX,
      })),
  );
  if (rows.length === 0) return "";
  const legend = plot.series
    .map(({ name }, i) => `<span><i class="c${i % COLOURS}"></i>${escapeHtml(name)}</span>`)
    .join("");
  const scale = (label: string, isLogarithmic: boolean) => ({
    label,
    grid: true,
    nice: true,
    ...(isLogarithmic ? { type: "log" as const, tickFormat: "~s" } : {}),
  });
  const channels = { x: "x", y: "y", z: "name", stroke: "colour" } as const;
  const svg = ObservablePlot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 62,
    marginBottom: 46,
    x: scale(plot.xLabel, plot.logarithmicX === true),
    y: scale(plot.yLabel, plot.logarithmicY === true),
    color: { type: "identity" },
    marks: [
      ...(plot.logarithmicY === true ? [] : [ObservablePlot.ruleY([0])]),
      ObservablePlot.line(rows, channels),
      ObservablePlot.dot(rows, { ...channels, filter: "dots", fill: "colour" }),
    ],
  });
  const title = escapeHtml(plot.title);
  return `<figure>
<figcaption>${title}</figcaption>
<div class="legend">${legend}</div>
<div role="img" aria-label="${title}">${svg.outerHTML}</div>
</figure>`;
}

/** Whether a point can be drawn; a logarithmic axis has no zero and no negative values. */
function isShown([x, y]: readonly [number, number], plot: Plot): boolean {
  return (plot.logarithmicX !== true || x > 0) && (plot.logarithmicY !== true || y > 0);
}
