import { type Axis, linearAxis, logarithmicAxis, tickLabel } from "./axis.ts";
import { escapeHtml } from "./escape.ts";
import type { Plot } from "./model.ts";

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 62;
const RIGHT = 18;
const TOP = 12;
const BOTTOM = 46;
/** How many colours the page has for lines. */
const COLOURS = 6;
/** A line of so few points shows each of them. */
const DOTS_MAX = 16;

/** Draws a plot as a figure: title, legend, and an SVG whose colours are the page's. */
export function plotFigure(plot: Plot): string {
  const series = plot.series.map(({ name, points }) => ({
    name,
    points: points.filter((point) => point.every(Number.isFinite)),
  }));
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return "";
  const x = axisOf(
    points.map(([value]) => value),
    plot.logarithmicX === true,
    false,
  );
  const y = axisOf(
    points.map(([, value]) => value),
    plot.logarithmicY === true,
    true,
  );
  const legend = series
    .map(({ name }, i) => `<span><i class="c${i % COLOURS}"></i>${escapeHtml(name)}</span>`)
    .join("");
  const label = escapeHtml(plot.title);
  return `<figure>
<figcaption>${label}</figcaption>
<div class="legend">${legend}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${grid(x, y)}
<text class="axis" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(plot.xLabel)}</text>
<text class="axis" transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(plot.yLabel)}</text>
${series.map((each, i) => line(each.points, x, y, i % COLOURS)).join("\n")}
</svg>
</figure>`;
}

function axisOf(values: readonly number[], isLogarithmic: boolean, fromZero: boolean): Axis {
  const greatest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!isLogarithmic) {
    const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return linearAxis(fromZero ? Math.min(0, least) : least, greatest);
  }
  const positive = values.filter((value) => value > 0);
  return logarithmicAxis(
    positive.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    greatest,
  );
}

const across = (place: number) => (LEFT + place * (WIDTH - LEFT - RIGHT)).toFixed(1);
const upward = (place: number) => (HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)).toFixed(1);

function grid(x: Axis, y: Axis): string {
  const vertical = x.ticks.map((tick) => {
    const at = across(x.place(tick));
    return `<path class="grid" d="M${at} ${upward(0)}V${upward(1)}"/><text class="tick" x="${at}" y="${HEIGHT - BOTTOM + 17}" text-anchor="middle">${tickLabel(tick)}</text>`;
  });
  const horizontal = y.ticks.map((tick) => {
    const at = upward(y.place(tick));
    return `<path class="grid" d="M${across(0)} ${at}H${across(1)}"/><text class="tick" x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${tickLabel(tick)}</text>`;
  });
  return [...vertical, ...horizontal].join("\n");
}

function line(
  points: readonly (readonly [number, number])[],
  x: Axis,
  y: Axis,
  colour: number,
): string {
  const places = points.map(([a, b]) => [across(x.place(a)), upward(y.place(b))] as const);
  const dots =
    places.length > DOTS_MAX
      ? ""
      : places
          .map(([cx, cy]) => `<circle class="c${colour}" cx="${cx}" cy="${cy}" r="3.5"/>`)
          .join("");
  return `<polyline class="c${colour}" points="${places.map((place) => place.join(",")).join(" ")}"/>${dots}`;
}
