import { VERDICT_DOUBTS, VERDICT_RULES } from "./verdict-rules.ts";

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** The rules as a Markdown table, as `docs/verdicts.md` shows them. */
export function ruleTable(): string {
  const titles = ["#", "code", "when", "status", "basis", "confidence"];
  return [
    row(titles),
    row(titles.map(() => "---")),
    ...VERDICT_RULES.map(({ code, when, halalStatus, basis, confidence }, index) =>
      row([
        String(index + 1),
        `\`${code}\``,
        when,
        halalStatus,
        basis,
        typeof confidence === "number" ? String(confidence) : confidence.says,
      ]),
    ),
  ].join("\n");
}

/** The rows that lower the confidence, as a Markdown table. */
export function doubtTable(): string {
  const titles = ["when", "confidence times"];
  return [
    row(titles),
    row(titles.map(() => "---")),
    ...VERDICT_DOUBTS.map(({ when, factor }) => row([when, String(factor)])),
  ].join("\n");
}

/** Rulings as far as their sources are listed. */
export interface SourcedRuling {
  readonly halalStatus: string;
  readonly source: string;
  readonly place: string;
}

/** The sources of rulings with the places that are cited and how many rows rest on each, as a Markdown table. */
export function sourceTable(rulings: readonly SourcedRuling[]): string {
  const titles = ["source", "halal", "haram", "doubtful", "where"];
  const bySource = new Map<string, SourcedRuling[]>();
  for (const one of rulings) bySource.set(one.source, [...(bySource.get(one.source) ?? []), one]);
  return [
    row(titles),
    row(titles.map(() => "---")),
    ...[...bySource].map(([source, rows]) => {
      const count = (status: string) =>
        String(rows.filter(({ halalStatus }) => halalStatus === status).length);
      const places = [...new Set(rows.map(({ place }) => place))].join("; ");
      return row(
        [source, count("halal"), count("haram"), count("doubtful"), places].map((cell) =>
          cell.replaceAll("|", "/"),
        ),
      );
    }),
  ].join("\n");
}
