import { escapeHtml } from "./escape.ts";
import type { Machine } from "./machine.ts";
import type { ScenarioResult } from "./model.ts";
import { plotFigure } from "./plot.ts";
import { STYLE } from "./style.ts";
import { textTable } from "./text.ts";

/** A scenario's result with the time and the machine of the measurement. */
export interface MeasuredScenario {
  /** Units: ISO 8601, UTC. */
  readonly at: string;
  readonly machine: Machine;
  readonly isQuick: boolean;
  readonly result: ScenarioResult;
}

/** Writes one page of all scenarios, which loads no other files. */
export function reportPage(scenarios: readonly MeasuredScenario[]): string {
  const rows = scenarios.flatMap(({ result }) => result.rows);
  const aimed = rows.filter(({ reached }) => reached !== null);
  const reached = aimed.filter((row) => row.reached === true).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Halal backend: benchmark</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Halal backend: benchmark</h1>
<p class="score"><b>${reached}</b> of <b>${aimed.length}</b> targets reached</p>
<nav>${scenarios.map(({ result }) => `<a href="#${escapeHtml(result.name)}">${escapeHtml(result.title)}</a>`).join("")}</nav>
</header>
<main>
${scenarios.map(section).join("\n")}
</main>
</body>
</html>
`;
}

function section({ at, machine, isQuick, result }: MeasuredScenario): string {
  const { titles, rows } = textTable(result.rows);
  const last = titles.length - 1;
  const hasReached = titles[last] === "reached";
  const cell = (text: string, column: number) =>
    hasReached && column === last && text !== ""
      ? `<td><span class="${text}">${text}</span></td>`
      : `<td>${escapeHtml(text)}</td>`;
  return `<section id="${escapeHtml(result.name)}">
<h2>${escapeHtml(result.title)}</h2>
<p class="machine">${escapeHtml(whereAndWhen(at, machine))}</p>
${isQuick ? '<p class="warning">A quick run: shorter and with less data. No measurement.</p>' : ""}
<div class="scroll"><table>
<thead><tr>${titles.map((title) => `<th>${escapeHtml(title)}</th>`).join("")}</tr></thead>
<tbody>
${rows.map((cells) => `<tr>${cells.map(cell).join("")}</tr>`).join("\n")}
</tbody>
</table></div>
<div class="plots">
${result.plots.map(plotFigure).join("\n")}
</div>
${result.notes.length === 0 ? "" : `<ul>${result.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`}
</section>`;
}

function whereAndWhen(at: string, machine: Machine): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC · commit ${machine.commit} · ${machine.cores} × ${machine.cpu} · ${machine.memoryGigabytes} GB · ${machine.system} · Node ${machine.node} · load average ${machine.loadAverage} at the start`;
}
