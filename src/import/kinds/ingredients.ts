import type { DietAnswer } from "../../db/tables/vocabulary.ts";
import { readENumber } from "../../food/e-number.ts";
import type { Conversion, ConversionContext } from "../kind.ts";
import type { JsonMember } from "../read/json-members.ts";
import { isObject, problem } from "../read/records.ts";
import type { TaxonomyEntry } from "../read/taxonomy.ts";
import type { Target } from "../write/upsert-target.ts";
import { matchKey, plainText, shortText } from "./fields.ts";

const NAME_BYTES_MAX = 400;
const ID_BYTES_MAX = 300;
const WORDS_MAX = 200;
const PARENTS_MAX = 20;

/**
 * Substances with their words in every language. Of a substance of our own lexicon the taxonomy says only what we leave
 * open, and adds its words behind ours; our rows are told by their source.
 */
export const SUBSTANCE_TARGET: Target = {
  name: "ingredients",
  columns: [
    { name: "id", type: "text" },
    { name: "parents", type: "text[]" },
    { name: "additive", type: "text" },
    { name: "vegan", type: "text" },
    { name: "vegetarian", type: "text" },
    { name: "words", type: "jsonb" },
    { name: "source", type: "text" },
  ],
  keySql: "s.id",
  pendingSql: `
    select s.*, t.id is null as is_new, coalesce(t.source = 'own', false) as is_own
    from import_batch s
    left join substances t on t.id = s.id
    left join lateral (
      select coalesce(jsonb_object_agg(w.language, to_jsonb(w.words)), '{}') as words
      from substance_words w where w.substance = s.id and w.source = s.source
    ) as known on true
    where t.id is null or known.words <> s.words
      or (t.source <> 'own' and (t.parents, t.additive, t.vegan, t.vegetarian, t.source)
        is distinct from (s.parents, s.additive, s.vegan, s.vegetarian, s.source))
      or (t.source = 'own' and (t.vegan is null and s.vegan is not null or t.vegetarian is null and s.vegetarian is not null))`,
  writeSql: `
    updated as (
      update substances t set
        parents = case when p.is_own then t.parents else p.parents end,
        additive = case when p.is_own then t.additive else p.additive end,
        vegan = case when p.is_own then coalesce(t.vegan, p.vegan) else p.vegan end,
        vegetarian = case when p.is_own then coalesce(t.vegetarian, p.vegetarian) else p.vegetarian end,
        source = case when p.is_own then t.source else p.source end
      from pending p where not p.is_new and t.id = p.id
      returning 1
    ), inserted as (
      insert into substances (id, parents, additive, vegan, vegetarian, source)
      select p.id, p.parents, p.additive, p.vegan, p.vegetarian, p.source from pending p where p.is_new
      on conflict do nothing
      returning 1
    ), forgotten as (
      delete from substance_words w using pending p
      where w.substance = p.id and w.source = p.source and not p.words ? w.language
    ), worded as (
      insert into substance_words as w (substance, language, words, source)
      select p.id, l.key, array(select jsonb_array_elements_text(l.value)), p.source
      from pending p cross join lateral jsonb_each(p.words) as l
      on conflict (substance, language, source) do update set words = excluded.words where w.words <> excluded.words
    )`,
};

/** Languages whose ids are written without accents. Source: Open Food Facts, string normalization by language. */
const PLAIN_LANGUAGES: ReadonlySet<string> = new Set(["en", "fr", "es", "ca", "nl", "pt", "sk"]);

/** An entry's id from its first name, as Open Food Facts makes it: `fr:creme-fraiche`. */
function taxonomyId(language: string, name: string): string {
  const plain = PLAIN_LANGUAGES.has(language)
    ? matchKey(name)
    : name
        .toLowerCase()
        .normalize("NFC")
        .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, " ")
        .trim();
  return `${language}:${plain.replaceAll(" ", "-")}`;
}

/** Makes the converter of the text format's entries; a parent may be called by any name of an entry before. */
export function createTaxonomyIngredientConverter(
  context: ConversionContext,
): (value: unknown) => Conversion {
  const ids = new Map<string, string>();
  return (value) => {
    const entry = value as TaxonomyEntry;
    const id = taxonomyId(entry.language, entry.name);
    for (const [language, names] of Object.entries(entry.names)) {
      for (const name of names) {
        const spelling = taxonomyId(language, name);
        if (!ids.has(spelling)) ids.set(spelling, id);
      }
    }
    const parents = entry.parents.map((parent) => {
      const [, language = "en", name = parent] = /^([a-z]{2,3}):(.*)$/.exec(parent) ?? [];
      const spelling = taxonomyId(language, name.trim());
      return ids.get(spelling) ?? spelling;
    });
    const property = (name: string) => entry.properties.get(`${name}:en`) ?? null;
    return toRow(context, {
      id,
      parents,
      words: entry.names,
      vegan: property("vegan"),
      vegetarian: property("vegetarian"),
    });
  };
}

/** Makes the converter of the JSON form's members: id to names, synonyms, parents and properties. */
export function createJsonIngredientConverter(
  context: ConversionContext,
): (value: unknown) => Conversion {
  return (member) => {
    const { key, value } = member as JsonMember;
    if (!isObject(value)) {
      return { problem: problem("not_an_ingredient", `${key.slice(0, 60)} is no entry`) };
    }
    const words: Record<string, string[]> = {};
    const add = (language: string, names: readonly unknown[]) => {
      const list = (words[language] ??= []);
      for (const name of names) if (typeof name === "string") list.push(name);
    };
    for (const [language, name] of Object.entries(isObject(value["name"]) ? value["name"] : {})) {
      add(language, [name]);
    }
    const { synonyms } = value;
    for (const [language, names] of Object.entries(isObject(synonyms) ? synonyms : {})) {
      add(language, Array.isArray(names) ? names : []);
    }
    const english = (name: string) => (isObject(value[name]) ? plainText(value[name]["en"]) : null);
    return toRow(context, {
      id: key,
      parents: Array.isArray(value["parents"])
        ? value["parents"].filter((one) => typeof one === "string")
        : [],
      words,
      vegan: english("vegan"),
      vegetarian: english("vegetarian"),
    });
  };
}

interface IngredientEntry {
  readonly id: string;
  readonly parents: readonly string[];
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly vegan: string | null;
  readonly vegetarian: string | null;
}

function toRow({ source }: ConversionContext, entry: IngredientEntry): Conversion {
  const { id } = entry;
  if (!/^[a-z]{2,3}:./.test(id) || Buffer.byteLength(id) > ID_BYTES_MAX) {
    return { problem: problem("not_an_ingredient", `${id.slice(0, 60)} is no id of an entry`) };
  }
  const words: Record<string, string[]> = {};
  for (const [language, names] of Object.entries(entry.words).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    if (!/^[a-z]{2,3}$/.test(language)) continue;
    const kept = [...new Set(names.map((name) => shortText(name, NAME_BYTES_MAX)))]
      .filter((name) => name !== null && !readENumber(name).ok)
      .slice(0, WORDS_MAX) as string[];
    if (kept.length > 0) words[language] = kept;
  }
  const parents = entry.parents.filter((parent) => parent !== id).slice(0, PARENTS_MAX);
  const reading = readENumber(id);
  return {
    cells: [
      id,
      [...new Set(parents)],
      reading.ok ? reading.eNumber.code : null,
      dietAnswer(entry.vegan),
      dietAnswer(entry.vegetarian),
      JSON.stringify(words),
      source.id,
    ],
  };
}

function dietAnswer(text: string | null): DietAnswer | null {
  return text === "yes" || text === "no" || text === "maybe" ? text : null;
}
