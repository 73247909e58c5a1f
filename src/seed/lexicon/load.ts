import type postgres from "postgres";
import { copyRows } from "../../import/write/bulk-copy.ts";
import { saveDataSource } from "../../import/write/data-sources.ts";
import {
  OWN_SOURCE,
  type OwnFiles,
  parseOwnLexicon,
  parseOwnRulings,
  readOwnFiles,
} from "./own-lexicon.ts";

/**
 * Brings the shipped lexicon and default rulings into the database, in one transaction, when their content changed.
 * A substance that has a ruling of somebody else, by an import or an admin, has none of ours. Gives whether it wrote.
 * Errors: the driver's, with nothing written.
 */
export async function loadOwnLexicon(sql: postgres.Sql): Promise<boolean> {
  const files = readOwnFiles();
  if (await isLoaded(sql, files)) return false;
  const outcome = await sql.begin(async (transaction) => {
    // Two starts at once: the second one finds the work done.
    await transaction`select from analysis_state for update`;
    if (await isLoaded(transaction, files)) return false;
    await saveDataSource(transaction, OWN_SOURCE);
    await stage(transaction, files);
    await transaction.unsafe(MERGE_SQL);
    await transaction`update analysis_state set own_content = ${files.hash}, loaded_at = now()`;
    return true;
  });
  return outcome;
}

async function isLoaded(
  sql: postgres.Sql | postgres.TransactionSql,
  { hash }: OwnFiles,
): Promise<boolean> {
  const [state] = await sql<{ content: string | null }[]>`
    select own_content as content from analysis_state`;
  return state?.content === hash;
}

async function stage(transaction: postgres.TransactionSql, files: OwnFiles): Promise<void> {
  const { substances, words, phrases } = parseOwnLexicon(files);
  await transaction.unsafe(`
    create temporary table own_substances (
      id text, parents text[], kind text, additive text, vegan text, vegetarian text) on commit drop;
    create temporary table own_words (substance text, language text, words text[]) on commit drop;
    create temporary table own_phrases (role text, language text, words text[]) on commit drop;
    create temporary table own_rulings (
      substance text, madhab text, halal_status text, confidence float8, reason_code text, source_name text,
      source_ref text, note text) on commit drop`);
  await copyRows(
    transaction,
    "own_substances",
    substances.map((one) => [
      one.substance,
      one.parents,
      one.kind,
      one.additive,
      one.vegan,
      one.vegetarian,
    ]),
  );
  const known = new Set(substances.map(({ substance }) => substance));
  await copyRows(
    transaction,
    "own_words",
    words
      .filter((one) => known.has(one.substance))
      .map((one) => [one.substance, one.language, one.words]),
  );
  await copyRows(
    transaction,
    "own_phrases",
    phrases.map((one) => [one.role, one.language, one.words]),
  );
  await copyRows(transaction, "own_rulings", parseOwnRulings(files));
}

/** Rows that are right already are left alone, so that products and caches hear only of what changed. */
const MERGE_SQL = `
  insert into substances as t (id, parents, kind, additive, vegan, vegetarian, source)
  select o.*, '${OWN_SOURCE.id}' from own_substances o
  on conflict (id) do update set parents = excluded.parents, kind = excluded.kind, additive = excluded.additive,
    vegan = coalesce(excluded.vegan, t.vegan), vegetarian = coalesce(excluded.vegetarian, t.vegetarian),
    source = excluded.source
  where (t.parents, t.kind, t.additive, t.source) is distinct from (excluded.parents, excluded.kind, excluded.additive, excluded.source)
    or excluded.vegan <> t.vegan or excluded.vegetarian <> t.vegetarian
    or (t.vegan is null and excluded.vegan is not null) or (t.vegetarian is null and excluded.vegetarian is not null);

  insert into substance_words as t (substance, language, words, source)
  select o.*, '${OWN_SOURCE.id}' from own_words o
  on conflict (substance, language, source) do update set words = excluded.words where t.words <> excluded.words;
  delete from substance_words t where t.source = '${OWN_SOURCE.id}'
    and not exists (select from own_words o where o.substance = t.substance and o.language = t.language);

  -- A substance that an import has words for goes on as that import's.
  update substances t set source = w.source from substance_words w
  where t.source = '${OWN_SOURCE.id}' and w.substance = t.id and w.source <> '${OWN_SOURCE.id}'
    and not exists (select from own_substances o where o.id = t.id);
  delete from substances t where t.source = '${OWN_SOURCE.id}'
    and not exists (select from own_substances o where o.id = t.id);

  insert into lexicon_phrases as t (role, language, words, source)
  select o.*, '${OWN_SOURCE.id}' from own_phrases o
  on conflict (role, language, source) do update set words = excluded.words where t.words <> excluded.words;
  delete from lexicon_phrases t where t.source = '${OWN_SOURCE.id}'
    and not exists (select from own_phrases o where o.role = t.role and o.language = t.language);

  delete from own_rulings o using substance_rulings t
  where t.substance = o.substance and (t.source <> '${OWN_SOURCE.id}' or t.is_locked);
  delete from substance_rulings t where t.source = '${OWN_SOURCE.id}' and not t.is_locked
    and not exists (
      select from own_rulings o where o.substance = t.substance and o.madhab is not distinct from t.madhab);
  insert into substance_rulings as t (substance, madhab, halal_status, confidence, reason_code, source_name, source_ref, note, source)
  select o.*, '${OWN_SOURCE.id}' from own_rulings o
  on conflict (substance, madhab) do update set halal_status = excluded.halal_status, confidence = excluded.confidence,
    reason_code = excluded.reason_code, source_name = excluded.source_name, source_ref = excluded.source_ref, note = excluded.note
  where (t.halal_status, t.confidence, t.reason_code, t.source_name, t.source_ref, t.note)
    is distinct from (excluded.halal_status, excluded.confidence, excluded.reason_code, excluded.source_name, excluded.source_ref, excluded.note)`;
