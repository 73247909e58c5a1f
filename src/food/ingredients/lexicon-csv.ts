import type { Certainty, PhrasesRow, SubstanceKind, SubstanceRow, WordsRow } from "./lexicon.ts";

/** The rows of one lexicon file. */
export interface LexiconFile {
  readonly substances: SubstanceRow[];
  readonly words: WordsRow[];
  readonly phrases: PhrasesRow[];
}

const KINDS: ReadonlySet<string> = new Set<SubstanceKind>([
  "animal",
  "dairy",
  "egg",
  "fish",
  "insect",
  "plant",
  "fungus",
  "mineral",
  "water",
  "synthetic",
  "microbial",
  "alcohol",
  "mixed",
  "function",
]);

/** Kinds of rows that name no substance. */
const PHRASE_ROLES: Readonly<Record<string, PhrasesRow["role"]>> = {
  heading: "heading",
  modifier: "modifier",
  neutral: "modifier",
  noise: "noise",
  trailing: "noise",
};

const LANGUAGE = /^[a-z]{2}$/;

/**
 * Reads a lexicon file: a header, then one substance a row; columns of two letters are languages, `|` separates words.
 * A file without the column `kind` gives further words of substances that another file describes. Files with the columns
 * `language` and `text` or `word` give phrases that name no substance; `kind` tells which.
 * Errors: Error with the line's number (unknown kind, missing column).
 * Source: RFC 4180 for the quoting.
 */
export function parseLexiconCsv(text: string): LexiconFile {
  const [header = [], ...lines] = parseCsv(text);
  const column = new Map(header.map((name, index) => [name.trim(), index]));
  const languages = [...column].filter(([name]) => LANGUAGE.test(name));
  const file: LexiconFile = { substances: [], words: [], phrases: [] };
  for (const [index, cells] of lines.entries()) {
    const cell = (name: string) => (cells[column.get(name) ?? -1] ?? "").trim();
    const kind = cell("kind");
    const phrase = cell("text") || cell("word");
    if (phrase !== "") {
      const role = PHRASE_ROLES[kind] ?? "modifier";
      file.phrases.push({ role, language: cell("language"), words: splitList(phrase) });
      continue;
    }
    const substance = cell("substance");
    if (substance === "") continue;
    const role = PHRASE_ROLES[kind] ?? null;
    if (role === null && kind !== "" && !KINDS.has(kind)) {
      throw new Error(`Line ${index + 2} of the lexicon has the unknown kind "${kind}".`);
    }
    if (role === null && column.has("kind")) {
      file.substances.push({
        substance,
        parents: splitList(cell("parents")),
        kind: kind === "" ? null : (kind as SubstanceKind),
        additive:
          cell("additive")
            .toUpperCase()
            .replace(/[A-Z]+$/, (form) => form.toLowerCase()) || null,
        vegan: certainty(cell("vegan")),
        vegetarian: certainty(cell("vegetarian")),
      });
    }
    for (const [language, position] of languages) {
      const words = splitList(cells[position] ?? "");
      if (words.length === 0) continue;
      if (role === null) file.words.push({ substance, language, words });
      else file.phrases.push({ role, language, words });
    }
  }
  return file;
}

function splitList(text: string): string[] {
  return text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function certainty(text: string): Certainty | null {
  return text === "yes" || text === "no" || text === "maybe" ? text : null;
}

/** Cuts CSV text into cells; a quoted cell may hold commas, line feeds and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\r?\n|$)/gy;
  const source = text.replace(/^\uFEFF/, "").replace(/\r\n/g, "\n");
  while (cells.lastIndex < source.length) {
    const match = cells.exec(source);
    if (match === null) break;
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] !== ",") {
      rows.push(row);
      row = [];
    }
  }
  if (row.length > 0) rows.push(row);
  return rows.filter((cells) => cells.some((cell) => cell !== ""));
}
