import type postgres from "postgres";
import {
  createLexicon,
  type Lexicon,
  type PhrasesRow,
  type SubstanceRow,
  type WordsRow,
} from "../food/ingredients/lexicon.ts";
import { analysisVersion } from "./analysis.ts";
import { Rulings, type RulingsData } from "./rulings.ts";
import { RULINGS_SQL, type RulingsRow } from "./rulings-query.ts";

/** The part of a client or transaction that is used here; the service's own client has it too. */
export type Statements = Pick<postgres.Sql, "unsafe">;

/** The lexicon and the rulings with which products are read and judged, and their version numbers. */
export interface AnalysisTools {
  readonly lexicon: Lexicon;
  readonly rulings: Rulings;
  readonly analysisVersion: number;
  readonly rulingsVersion: number;
}

/** Runs a statement without values; drizzle's clients and the driver's both can. */
export type RunText = <T extends object>(text: string) => Promise<readonly T[]>;

/** A statement of an instance has a deadline that a whole taxonomy would not keep. */
const PAGE_ROWS = 10_000;

export type AnalysisVersions = Pick<AnalysisTools, "analysisVersion" | "rulingsVersion">;

/** Runs statements on the driver's client. */
export const runOn =
  (sql: Statements): RunText =>
  async <T extends object>(text: string) =>
    await sql.unsafe<T[]>(text);

/** The numbers of what products should have been read and judged with. */
export function readVersions(sql: Statements): Promise<AnalysisVersions> {
  return readVersionsBy(runOn(sql));
}

/** The same, by any client. */
export async function readVersionsBy(run: RunText): Promise<AnalysisVersions> {
  const [state] = await run<{ lexicon: number; rulings: number }>(`
    select lexicon_version as lexicon, rulings_version as rulings from analysis_state`);
  if (state === undefined) throw new Error("analysis_state has no row");
  return { analysisVersion: analysisVersion(state.lexicon), rulingsVersion: state.rulings };
}

/**
 * Loads all words, our own before those of imports. The numbers are read first: what changes meanwhile is seen as a newer one.
 * Units: 20–60 MB; only where text is analysed.
 */
export async function loadAnalysisTools(sql: Statements): Promise<AnalysisTools> {
  const { rows, rulings, ...versions } = await readAnalysisRows(runOn(sql));
  return { ...versions, lexicon: createLexicon(rows), rulings: new Rulings(rulings) };
}

/** The rows of a lexicon and of rulings, with their version numbers. */
export interface AnalysisRows extends AnalysisVersions {
  readonly rows: {
    readonly substances: readonly SubstanceRow[];
    readonly words: readonly WordsRow[];
    readonly phrases: readonly PhrasesRow[];
  };
  readonly rulings: RulingsData;
}

/** Reads these rows by any client. */
export async function readAnalysisRows(run: RunText): Promise<AnalysisRows> {
  const versions = await readVersionsBy(run);
  const substances = await run<SubstanceRow>(`
    select id as substance, array_to_json(parents) as parents, kind, additive, vegan, vegetarian
    from substances order by source <> 'own', id`);
  const words: WordsRow[] = [];
  for (let page: readonly WordsRow[] | null = null; page === null || page.length === PAGE_ROWS;) {
    page = await run<WordsRow>(`
      select substance, language, array_to_json(words) as words
      from substance_words order by source <> 'own', substance, language, source
      limit ${PAGE_ROWS} offset ${words.length}`);
    words.push(...page);
  }
  const phrases = await run<PhrasesRow>(`
    select role, language, array_to_json(words) as words
    from lexicon_phrases order by source <> 'own', role, language`);
  const [row] = await run<RulingsRow>(RULINGS_SQL);
  if (row === undefined) throw new Error("the rulings' query gave no row");
  // Plain rows: the driver's carry what no other thread can be given.
  const plain = { substances: [...substances], words, phrases: [...phrases] };
  return { ...versions, rows: plain, rulings: row.data };
}
