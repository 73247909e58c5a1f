import type { DietAnswer } from "../../db/tables/vocabulary.ts";
import { readENumber } from "../../food/e-number.ts";
import { matchKey, plainText, shortText, textList } from "./fields.ts";
import type { Conversion, ConversionContext } from "../kind.ts";
import { isObject, problem, type RecordProblem } from "../read/records.ts";
import { type TargetColumn, upsertTarget } from "../write/upsert-target.ts";
import type { TaxonomyEntry } from "../read/taxonomy.ts";

const NAME_BYTES_MAX = 400;

/** A column that this file fills, and leaves alone where it has nothing to say. */
const owned = (name: string, type = "text"): TargetColumn => ({
  name,
  type,
  update: (existing, incoming) => `coalesce(${incoming}.${name}, ${existing}.${name})`,
});
/** A column that belongs to another source: filled only where it is empty. */
const borrowed = (name: string): TargetColumn => ({
  name,
  type: "text",
  update: (existing, incoming) => `coalesce(${existing}.${name}, ${incoming}.${name})`,
});

const byCode = (name: string, columns: readonly TargetColumn[]) =>
  upsertTarget({
    name,
    table: "additives",
    key: "code",
    keySql: "s.code",
    match: (incoming) => `t.code = ${incoming}.code`,
    columns: [{ name: "code", type: "text", isKey: true }, ...columns],
  });

/** Reads additives from a taxonomy: everything but the halal status. */
export const ADDITIVE_TAXONOMY_TARGET = byCode("additives", [
  owned("name_en"),
  owned("name_fr"),
  owned("name_ar"),
  owned("category"),
  owned("vegan"),
  owned("vegetarian"),
  { ...owned("parents", "text[]"), insert: (incoming) => `coalesce(${incoming}.parents, '{}')` },
  owned("source"),
]);

/**
 * Whether the file's status counts: never against an administrator's, and "unknown" only against the same
 * source's own earlier word.
 */
const statusCounts = (existing: string, incoming: string) =>
  `not ${existing}.status_locked and (${incoming}.halal_status <> 'unknown' or ${existing}.status_source is not distinct from ${incoming}.status_source)`;
const status = (name: string): TargetColumn => ({
  name,
  type: "text",
  update: (existing, incoming) =>
    `case when ${statusCounts(existing, incoming)} then ${incoming}.${name} else ${existing}.${name} end`,
});

/** An explanation goes with the status that it explains, and its translations with it. */
const ofExplanation = (name: string, type = "text"): TargetColumn => ({
  name,
  type,
  update: (existing, incoming) => {
    const given = type === "jsonb" ? "'{}'::jsonb" : `${incoming}.${name}`;
    return `case when ${statusCounts(existing, incoming)} and ${existing}.halal_status <> ${incoming}.halal_status then ${given} else ${existing}.${name} end`;
  },
});

/** Nobody is the source of a status that is not known. */
const namedSource = (incoming: string) =>
  `case when ${incoming}.halal_status <> 'unknown' then ${incoming}.status_source end`;

/** Reads additives from an E-code list: the halal status, and names only where there are none. */
export const ADDITIVE_STATUS_TARGET = byCode("additive status", [
  status("halal_status"),
  ofExplanation("explanation"),
  ofExplanation("explanation_language"),
  { ...ofExplanation("explanation_texts", "jsonb"), insert: () => "'{}'::jsonb" },
  {
    ...status("status_source"),
    insert: namedSource,
    update: (existing, incoming) =>
      `case when ${statusCounts(existing, incoming)} then ${namedSource(incoming)} else ${existing}.status_source end`,
  },
  borrowed("name_en"),
  borrowed("category"),
  borrowed("vegetarian"),
  borrowed("source"),
]);

const STATUS_BY_WORD: ReadonlyMap<string, string> = new Map([
  ["HALAL", "halal"],
  ["HARAM", "haram"],
  ["SUSPECTED", "doubtful"],
  ["MUSHBOOH", "doubtful"],
  ["DOUBTFUL", "doubtful"],
  ["N/A", "unknown"],
  ["UNKNOWN", "unknown"],
]);

/** Makes the converter of the E-code list's elements to additive rows. */
export function createEcodeConverter(context: ConversionContext): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value)) return { problem: problem("not_an_additive", "not an E-code") };
    const code = readCode(value["id"]);
    if (typeof code !== "string") return { problem: code };
    const word = plainText(value["status"])?.toUpperCase() ?? "N/A";
    const halalStatus = STATUS_BY_WORD.get(word);
    if (halalStatus === undefined) {
      return { problem: problem("status", `unknown halal status ${word.slice(0, 60)}`) };
    }
    const purpose = shortText(value["purpose"], NAME_BYTES_MAX);
    const vegetarian = plainText(value["vegetarian"]);
    return {
      cells: [
        code,
        halalStatus,
        // The list explains nothing.
        null,
        null,
        null,
        context.source.name,
        shortText(value["name"], NAME_BYTES_MAX),
        purpose === null || purpose === "N/A" ? null : purpose.toLowerCase(),
        vegetarian === "1" ? "yes" : vegetarian === "0" ? "no" : null,
        context.source.id,
      ],
    };
  };
}

/** Makes the converter of taxonomy entries to additive rows. */
export function createTaxonomyAdditiveConverter(
  context: ConversionContext,
): (value: unknown) => Conversion {
  const codes = new Map<string, string>();
  return (value) => {
    const entry = value as TaxonomyEntry;
    const code = readCode(entry.name);
    if (typeof code !== "string") return { problem: code };
    for (const [language, names] of Object.entries(entry.names)) {
      for (const name of names) codes.set(`${language}:${matchKey(name)}`, code);
    }
    const property = (name: string) => entry.properties.get(`${name}:en`) ?? null;
    return toRow(context, {
      code,
      names: entry.names,
      classes: property("additives_classes"),
      vegan: property("vegan"),
      vegetarian: property("vegetarian"),
      parents: entry.parents,
      codes,
    });
  };
}

/** Makes the converter of additives as JSON objects (`id`, `names`, `classes`, `vegan`, …) to additive rows. */
export function createJsonAdditiveConverter(
  context: ConversionContext,
): (value: unknown) => Conversion {
  const codes = new Map<string, string>();
  return (value) => {
    if (!isObject(value))
      return { problem: problem("not_an_additive", "not an additive's record") };
    const code = readCode(value["id"] ?? value["code"] ?? value["e_number"]);
    if (typeof code !== "string") return { problem: code };
    const names: Record<string, readonly string[]> = {};
    for (const [language, list] of isObject(value["names"]) ? Object.entries(value["names"]) : []) {
      names[language] = (Array.isArray(list) ? list : [list])
        .map((name) => plainText(name)?.replaceAll("\\,", ",") ?? null)
        .filter((name) => name !== null);
      for (const name of names[language] ?? []) codes.set(`${language}:${matchKey(name)}`, code);
    }
    return toRow(context, {
      code,
      names,
      classes: textList(value["classes"], /,/, 20).join(","),
      vegan: plainText(value["vegan"]),
      vegetarian: plainText(value["vegetarian"]),
      parents: value["parents"] === undefined ? null : textList(value["parents"], /,/, 20),
      codes,
    });
  };
}

interface AdditiveEntry {
  readonly code: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly classes: string | null;
  readonly vegan: string | null;
  readonly vegetarian: string | null;
  /** Null when the file does not say. */
  readonly parents: readonly string[] | null;
  /** Codes of the file's entries so far by language and name: a parent may be called by its name. */
  readonly codes: ReadonlyMap<string, string>;
}

function toRow(context: ConversionContext, entry: AdditiveEntry): Conversion {
  const notes: RecordProblem[] = [];
  const parents = new Set<string>();
  for (const parent of entry.parents ?? []) {
    const [, language = "", name = ""] = /^([a-z]{2,3}):(.*)$/.exec(parent) ?? [];
    const reading = readENumber(parent);
    const code = reading.ok
      ? reading.eNumber.code
      : entry.codes.get(`${language}:${matchKey(name)}`);
    if (code === undefined) notes.push(problem("parent_unknown", `parent left out: ${parent}`));
    else if (code !== entry.code) parents.add(code);
  }
  const categories = (entry.classes ?? "")
    .split(",")
    .map((one) => one.trim().replace(/^[a-z]{2}:/, ""))
    .filter((one) => one !== "");
  const cells = [
    entry.code,
    nameIn(entry, "en"),
    nameIn(entry, "fr"),
    nameIn(entry, "ar"),
    shortText(categories.join(", "), NAME_BYTES_MAX),
    dietAnswer(entry.vegan),
    dietAnswer(entry.vegetarian),
    entry.parents === null ? null : [...parents].sort(),
    context.source.id,
  ];
  return notes.length === 0 ? { cells } : { cells, notes };
}

/** The first name that says more than the code does. */
function nameIn({ names }: AdditiveEntry, language: string): string | null {
  for (const written of names[language] ?? []) {
    const name = shortText(written.replace(/^:/, ""), NAME_BYTES_MAX);
    const isCode = name === null || readENumber(name).ok || /food additive$/i.test(name);
    if (!isCode) return name;
  }
  return null;
}

function dietAnswer(text: string | null): DietAnswer | null {
  return text === "yes" || text === "no" || text === "maybe" ? text : null;
}

function readCode(value: unknown): string | RecordProblem {
  const text = plainText(value) ?? "";
  const reading = readENumber(text);
  return reading.ok
    ? reading.eNumber.code
    : problem("not_an_e_number", `${text.slice(0, 60) || "no code"} is not an E-number`);
}
