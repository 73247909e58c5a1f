import type postgres from "postgres";
import {
  createLexicon,
  type Lexicon,
  type PhrasesRow,
  type SubstanceRow,
  type WordsRow,
} from "../food/ingredients/lexicon.ts";
import { analysisVersion } from "./analysis.ts";
import { Rulings } from "./rulings.ts";
import { RULINGS_SQL, type RulingsRow } from "./rulings-query.ts";

/** The part of a client or transaction that is used here; the service's own client has it too. */
export type Statements = Pick<postgres.Sql, "unsafe">;

/** What products are read and judged with, and the numbers of these. */
export interface AnalysisTools {
  readonly lexicon: Lexicon;
  readonly rulings: Rulings;
  readonly analysisVersion: number;
  readonly rulingsVersion: number;
}

/** The numbers of what products should have been read and judged with. */
export async function readVersions(
  sql: Statements,
): Promise<Pick<AnalysisTools, "analysisVersion" | "rulingsVersion">> {
  const [state] = await sql.unsafe<{ lexicon: number; rulings: number }[]>(
    "select lexicon_version as lexicon, rulings_version as rulings from analysis_state",
  );
  if (state === undefined) throw new Error("analysis_state has no row");
  return { analysisVersion: analysisVersion(state.lexicon), rulingsVersion: state.rulings };
}

/**
 * Loads all words, our own before those of imports. The numbers are read first: what changes meanwhile is seen as a newer one.
 * Units: 20–60 MB; only where text is analysed.
 */
export async function loadAnalysisTools(sql: Statements): Promise<AnalysisTools> {
  const versions = await readVersions(sql);
  const substances = await sql.unsafe<SubstanceRow[]>(
    `select id as substance, array_to_json(parents) as parents, kind, additive, vegan, vegetarian
     from substances order by source <> 'own', id`,
  );
  const words = await sql.unsafe<WordsRow[]>(
    `select substance, language, array_to_json(words) as words
     from substance_words order by source <> 'own', substance, language`,
  );
  const phrases = await sql.unsafe<PhrasesRow[]>(
    `select role, language, array_to_json(words) as words
     from lexicon_phrases order by source <> 'own', role, language`,
  );
  const [row] = await sql.unsafe<RulingsRow[]>(RULINGS_SQL);
  if (row === undefined) throw new Error("the rulings' query gave no row");
  return {
    ...versions,
    lexicon: createLexicon({ substances, words, phrases }),
    rulings: new Rulings(row.data),
  };
}
