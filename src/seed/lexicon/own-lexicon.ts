import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LexiconFile, parseCsv, parseLexiconCsv } from "../../food/ingredients/lexicon-csv.ts";
import type { Cell } from "../../import/write/copy-text.ts";

/** The data source of the lexicon and the rulings that this program ships. */
export const OWN_SOURCE = {
  id: "own",
  name: "Own lexicon and rulings",
  licence: "CC0-1.0",
  attribution: "Compiled by this project; each ruling names its source",
  url: null,
} as const;

const LEXICON_DIR = fileURLToPath(new URL(".", import.meta.url));
const RULINGS_FILE = fileURLToPath(new URL("../rulings.csv", import.meta.url));
/** Raise it when the same files are to be loaded in another way. */
const LOADER_VERSION = "1";

/** The shipped files as they lie there, and their hash. */
export interface OwnFiles {
  readonly lexicon: readonly string[];
  readonly rulings: string;
  readonly hash: string;
}

/** Reads the shipped files; parses nothing. */
export function readOwnFiles(): OwnFiles {
  const names = readdirSync(LEXICON_DIR).filter((name) => name.endsWith(".csv"));
  const lexicon = names.sort().map((name) => readFileSync(`${LEXICON_DIR}${name}`, "utf8"));
  const rulings = readFileSync(RULINGS_FILE, "utf8");
  const hash = createHash("sha256").update(LOADER_VERSION);
  for (const text of [...lexicon, rulings]) hash.update("\u0000").update(text);
  return { lexicon, rulings, hash: hash.digest("hex") };
}

/** Parses the lexicon's files; of two rows of one substance the first one counts, and their words are joined. */
export function parseOwnLexicon({ lexicon }: OwnFiles): LexiconFile {
  const files = lexicon.map(parseLexiconCsv);
  const substances = new Map(
    files
      .flatMap((file) => file.substances)
      .toReversed()
      .map((row) => [row.substance, row]),
  );
  return {
    substances: [...substances.values()].toReversed(),
    words: joinWords(
      files.flatMap((file) => file.words),
      (row) => `${row.substance} ${row.language}`,
    ),
    phrases: joinWords(
      files.flatMap((file) => file.phrases),
      (row) => `${row.role} ${row.language}`,
    ),
  };
}

function joinWords<R extends { readonly words: readonly string[] }>(
  rows: readonly R[],
  keyOf: (row: R) => string,
): R[] {
  const byKey = new Map<string, R>();
  for (const row of rows) {
    const known = byKey.get(keyOf(row));
    const words = [...new Set([...(known?.words ?? []), ...row.words])];
    byKey.set(keyOf(row), { ...row, words });
  }
  return [...byKey.values()];
}

const RULING_COLUMNS = [
  "substance",
  "madhab",
  "status",
  "confidence",
  "reason_code",
  "source_name",
  "source_ref",
  "note",
] as const;

/** The default rulings in the order of the table `own_rulings`. Errors: Error when a column is missing. */
export function parseOwnRulings({ rulings }: OwnFiles): Cell[][] {
  const [header = [], ...lines] = parseCsv(rulings);
  const places = RULING_COLUMNS.map((name) => {
    const place = header.indexOf(name);
    if (place < 0) throw new Error(`rulings.csv has no column ${name}`);
    return place;
  });
  return lines.map((cells) => places.map((place) => cells[place]?.trim() || null));
}
