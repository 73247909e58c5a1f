import type { Finding, Findings } from "../../../../src/food/ingredients/findings.ts";

/** Writes findings as one line, so that a case can hold what a text says. */
export function describeFindings(findings: Findings): string {
  const items = findings.items.map((item) => describeItem(item));
  const unrecognised = findings.unrecognised.map((quote) => `?${quote}`);
  return [...items, ...unrecognised].join("; ");
}

function describeItem(item: Finding): string {
  return [
    item.substance ?? item.additive,
    item.origin === null ? "" : `from ${item.origin}`,
    item.percent === null ? "" : `${item.percent}%`,
    item.negated ? "denied" : "",
    item.trace ? "trace" : "",
    item.inside ? "inside" : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}
