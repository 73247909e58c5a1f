import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseOwnRulings, readOwnFiles } from "../seed/lexicon/own-lexicon.ts";
import { doubtTable, ruleTable, sourceTable } from "../verdict/rule-table.ts";
import { runCommand } from "./command.ts";

const DOCUMENT = "docs/verdicts.md";

/** Writes the tables of `docs/verdicts.md` from the rules and the shipped rulings. */
await runCommand(() => {
  const rulings = parseOwnRulings(readOwnFiles()).map(([, , status, , , source, place]) => ({
    halalStatus: String(status),
    source: String(source),
    place: String(place ?? ""),
  }));
  let page = readFileSync(DOCUMENT, "utf8");
  for (const [name, table] of [
    ["rules", ruleTable()],
    ["doubts", doubtTable()],
    ["sources", sourceTable(rulings)],
  ] as const) {
    const [begin, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
    const from = page.indexOf(begin);
    const until = page.indexOf(end);
    if (from < 0 || until < from) throw new Error(`${DOCUMENT} has no marks for ${name}`);
    page = `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(until)}`;
  }
  writeFileSync(DOCUMENT, page);
  execFileSync("node_modules/.bin/oxfmt", [DOCUMENT]);
  return Promise.resolve();
});
