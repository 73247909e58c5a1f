import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { textArray } from "../../db/sql-fragments.ts";
import { type AdditiveRow, additiveJson } from "./queries.ts";
import type { UpsertAdditiveInput } from "./schemas.ts";

/** Columns that say why or on whose word the status is what it is. */
const SPEAKS_OF_STATUS: ReadonlySet<string> = new Set(["explanation", "status_source"]);

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
  const given: readonly (readonly [column: string, value: string | null | undefined])[] = [
    ["name_en", input.names?.en],
    ["name_fr", input.names?.fr],
    ["name_ar", input.names?.ar],
    ["category", input.category],
    ["origin", input.origin],
    ["halal_status", input.halalStatus],
    ["explanation", input.explanation],
    ["status_source", input.source],
    ["vegan", input.vegan],
    ["vegetarian", input.vegetarian],
  ];
  const columns = given.filter(([, value]) => value !== undefined);
  const names = columns.map(([column]) => sql.identifier(column));
  const values = columns.map(([, value]) => sql`${value}`);
  const changes = names.map((name) => sql`${name} = excluded.${name}`);
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

/** Steps that make an additive's rulings exactly these, no row touched twice; and what they are then, as JSON. */
function replaceRulings(
  code: string,
  rulings: NonNullable<UpsertAdditiveInput["rulings"]>,
): { steps: SQL; rulings: SQL } {
  const steps = sql`, given as (
      select * from jsonb_to_recordset(${JSON.stringify(rulings)}::jsonb)
        as r(madhab text, "halalStatus" text, explanation text, source text)
    ), withdrawn as (
      delete from additive_rulings where additive_code = ${code} and madhab not in (select madhab from given)
    ), ruled as (
      insert into additive_rulings (additive_code, madhab, halal_status, explanation, source)
      select a.code, given.madhab, given."halalStatus", given.explanation, given.source from given cross join a
      on conflict (additive_code, madhab) do update set
        halal_status = excluded.halal_status, explanation = excluded.explanation, source = excluded.source
    )`;
  return {
    steps,
    rulings: sql`(select json_agg(given order by given.madhab) from given)`,
  };
}
