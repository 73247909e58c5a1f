import { type SQL, sql } from "drizzle-orm";
import { DEFAULT_LANGUAGE } from "../../texts/language.ts";
import type { Db } from "../../db/client/database.ts";
import { textArray } from "../../db/sql-fragments.ts";
import { type AdditiveRow, additiveJson } from "./queries.ts";
import type { UpsertAdditiveInput } from "./schemas.ts";

/** Columns that say why or on whose word the status is what it is. */
const SPEAKS_OF_STATUS: ReadonlySet<string> = new Set([
  "explanation",
  "explanation_language",
  "status_source",
]);

/** Keeps a column as long as the status stays; nobody has said it of another status. */
function keptWithStatus(column: string): SQL {
  const name = sql.identifier(column);
  return sql`${name} = case when additives.halal_status = excluded.halal_status then additives.${name} end`;
}

/**
 * Makes or changes an additive with its rulings in one statement, and locks its status against imports.
 * Columns that are undefined keep what they have, but for what speaks of a status that is another one from then on;
 * rulings, if given, become exactly those.
 */
export async function upsertAdditive(
  db: Db,
  input: Omit<UpsertAdditiveInput, "code"> & {
    readonly code: string;
    /** Of a new entry; one that exists keeps its own. */
    readonly parents: readonly string[];
  },
): Promise<AdditiveRow> {
  const { explanation } = input;
  const isExplained = typeof explanation === "string";
  const given: readonly (readonly [column: string, value: string | null | undefined])[] = [
    ["name_en", input.names?.en],
    ["name_fr", input.names?.fr],
    ["name_ar", input.names?.ar],
    ["category", input.category],
    ["origin", input.origin],
    ["halal_status", input.halalStatus],
    ["explanation", explanation],
    [
      "explanation_language",
      isExplained ? (input.explanationLanguage ?? DEFAULT_LANGUAGE) : explanation,
    ],
    ["status_source", input.source],
    ["vegan", input.vegan],
    ["vegetarian", input.vegetarian],
  ];
  const columns = given.filter(([, value]) => value !== undefined);
  const names = [...columns.map(([column]) => column), "explanation_texts"].map((column) =>
    sql.identifier(column),
  );
  const texts = JSON.stringify(input.explanationTexts ?? {});
  const values = [...columns.map(([, value]) => sql`${value}`), sql`${texts}::jsonb`];
  const changes = columns.map(([column]) => {
    const name = sql.identifier(column);
    return sql`${name} = excluded.${name}`;
  });
  // Translations are those of the explanation: they come and go with it.
  changes.push(
    explanation === undefined
      ? sql`explanation_texts = case when additives.halal_status = excluded.halal_status
          then additives.explanation_texts else '{}' end`
      : sql`explanation_texts = excluded.explanation_texts`,
  );
  for (const [column, value] of given) {
    if (value === undefined && SPEAKS_OF_STATUS.has(column)) changes.push(keptWithStatus(column));
  }
  const { rulings } = input;
  const written =
    rulings === undefined
      ? { steps: sql``, rulings: undefined }
      : replaceRulings(input.code, rulings);
  const [row] = await db.execute<{ additive: AdditiveRow }>(sql`
    with a as (
      insert into additives (code, parents, status_locked, ${sql.join(names, sql`, `)})
      values (${input.code},
        ${textArray(input.parents)}, true, ${sql.join(values, sql`, `)})
      on conflict (code) do update set status_locked = true, ${sql.join(changes, sql`, `)}
      returning *
    )${written.steps}
    select ${additiveJson(written.rulings)} as "additive" from a`);
  if (row === undefined) throw new Error("the additive's upsert gave no row");
  return row.additive;
}

/** A ruling with everything that belongs to its explanation. */
function whole({
  explanation = null,
  explanationLanguage,
  explanationTexts = {},
  ...ruling
}: NonNullable<UpsertAdditiveInput["rulings"]>[number]) {
  const language = explanation === null ? null : (explanationLanguage ?? DEFAULT_LANGUAGE);
  return { ...ruling, explanation, explanationLanguage: language, explanationTexts };
}

/** Steps that make an additive's rulings exactly these, no row touched twice; and what they are then, as JSON. */
function replaceRulings(
  code: string,
  rulings: NonNullable<UpsertAdditiveInput["rulings"]>,
): { steps: SQL; rulings: SQL } {
  const steps = sql`, given as (
      select * from jsonb_to_recordset(${JSON.stringify(rulings.map(whole))}::jsonb)
        as r(madhab text, "halalStatus" text, explanation text, "explanationLanguage" text, "explanationTexts" jsonb,
          source text)
    ), withdrawn as (
      delete from additive_rulings where additive_code = ${code} and madhab not in (select madhab from given)
    ), ruled as (
      insert into additive_rulings (additive_code, madhab, halal_status, explanation, explanation_language,
        explanation_texts, source)
      select a.code, given.madhab, given."halalStatus", given.explanation, given."explanationLanguage",
        given."explanationTexts", given.source from given cross join a
      on conflict (additive_code, madhab) do update set
        halal_status = excluded.halal_status, explanation = excluded.explanation,
        explanation_language = excluded.explanation_language, explanation_texts = excluded.explanation_texts,
        source = excluded.source
    )`;
  return {
    steps,
    rulings: sql`(select json_agg(given order by given.madhab) from given)`,
  };
}
