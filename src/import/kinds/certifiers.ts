import {
  cutText,
  finiteNumber,
  looseFields,
  plainText,
  shortText,
  slug,
  textList,
  webAddress,
} from "./fields.ts";
import type { Conversion, ConversionContext } from "../kind.ts";
import { isObject, problem } from "../read/records.ts";
import { type Target, type TargetColumn, upsertTarget } from "../write/upsert-target.ts";
import type { TaxonomyEntry } from "../read/taxonomy.ts";

/** A column that keeps its value where the file has none. */
const kept = (name: string, type: string, whenNew?: string): TargetColumn => ({
  name,
  type,
  update: (existing, incoming) => `coalesce(${incoming}.${name}, ${existing}.${name})`,
  ...(whenNew === undefined
    ? {}
    : { insert: (incoming) => `coalesce(${incoming}.${name}, ${whenNew})` }),
});

/** Certifiers by slug; columns that the file does not have keep their values. */
export const CERTIFIER_TARGET: Target = {
  ...upsertTarget({
    name: "certifiers",
    table: "certifiers",
    key: "id",
    keySql: "s.id",
    match: (incoming) => `t.id = ${incoming}.id`,
    columns: [
      { name: "id", type: "text", isKey: true },
      { name: "name", type: "text" },
      kept("country", "text"),
      kept("website", "text"),
      kept("trust_score", "integer", "50"),
      kept("trust_criteria", "jsonb", "'[]'"),
      kept("label_tags", "text[]", "'{}'"),
      { name: "source", type: "text" },
    ],
  }),
  refuseSql: `
    delete from import_batch s
    where s.country is null and not exists (select from certifiers t where t.id = s.id)
    returning s.position::text as position, 'no_country' as reason,
      'a new certifier needs its country (ISO 3166-1 alpha-2)' as detail`,
};

/** Label tags added to certifiers that are there; several entries may speak of one certifier. */
export const CERTIFIER_LABELS_TARGET: Target = {
  name: "certifier labels",
  columns: [
    { name: "id", type: "text" },
    { name: "label_tag", type: "text" },
  ],
  keySql: "s.label_tag",
  pendingSql: `
    select t.id, false as is_new,
      array(select distinct tag from unnest(t.label_tags || s.tags) as tag order by tag) as label_tags
    from certifiers t
    join (select id, array_agg(label_tag) as tags from import_batch group by id) s on s.id = t.id
    where not t.label_tags @> s.tags`,
  writeSql: `
    updated as (
      update certifiers t set label_tags = p.label_tags from pending p where t.id = p.id returning 1
    ), inserted as (select 1 where false)`,
};

/** Makes the converter of certifiers (JSON or CSV: id, name, country, website, trustScore, trustCriteria, labelTags). */
export function createCertifierConverter(
  context: ConversionContext,
): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value))
      return { problem: problem("not_a_certifier", "not a certifier's record") };
    const fields = looseFields(value);
    const name = plainText(fields.get("name"));
    if (name === null || name.length > 200) {
      return { problem: problem("no_name", "a certifier needs a name of at most 200 characters") };
    }
    const id = plainText(fields.get("id")) ?? slug(name);
    if (id.length > 64 || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id)) {
      const detail = `${id.slice(0, 80)} is not a slug of small letters, digits and hyphens (at most 64)`;
      return { problem: problem("bad_id", detail) };
    }
    const country = plainText(fields.get("country"))?.toUpperCase() ?? null;
    if (country !== null && !/^[A-Z]{2}$/.test(country)) {
      return {
        problem: problem(
          "bad_country",
          `${country.slice(0, 60)} is not a country of ISO 3166-1 alpha-2`,
        ),
      };
    }
    const written = fields.get("trustscore");
    const trustScore = finiteNumber(written);
    if (written !== undefined && !isScore(trustScore)) {
      return {
        problem: problem("bad_trust_score", "a trust score is a whole number from 0 to 100"),
      };
    }
    const criteria = readCriteria(fields.get("trustcriteria"));
    if (criteria === undefined) {
      const detail = "trust criteria are a list of { criterion, met, points }";
      return { problem: problem("bad_trust_criteria", detail) };
    }
    const tags = textList(fields.get("labeltags"), /[|;]/, 100).map((tag) => tag.toLowerCase());
    return {
      cells: [
        id,
        name,
        country,
        webAddress(fields.get("website"), 2_000),
        trustScore,
        criteria,
        fields.has("labeltags") ? [...new Set(tags)].sort() : null,
        context.source.id,
      ],
    };
  };
}

const isScore = (score: number | null) =>
  score !== null && Number.isInteger(score) && score >= 0 && score <= 100;

/** The criteria as jsonb text; null when the file has none, undefined when they are not well-formed. */
function readCriteria(value: unknown): string | null | undefined {
  if (value === undefined) return null;
  let list: unknown = value;
  if (typeof value === "string") {
    try {
      list = JSON.parse(value) as unknown;
    } catch {
      return undefined;
    }
  }
  if (!Array.isArray(list) || list.length > 100) return undefined;
  const criteria = list.map((one: unknown) => {
    if (!isObject(one)) return null;
    const criterion = cutText(one["criterion"], 400);
    const points = finiteNumber(one["points"]);
    const met = one["met"];
    return criterion !== null && points !== null && typeof met === "boolean"
      ? { criterion, met, points }
      : null;
  });
  return criteria.includes(null) ? undefined : JSON.stringify(criteria);
}

/** Makes the converter of the labels taxonomy's entries to label tags of certifiers that are known by name. */
export function createLabelConverter(context: ConversionContext): (value: unknown) => Conversion {
  return (value) => {
    const { language, name, names, parents } = value as TaxonomyEntry;
    const tag = shortText(`${language}:${slug(name)}`, 400);
    if (tag === null || parents.length === 0) {
      return { problem: problem("not_a_certifier", `${language}:${name} is a general label`) };
    }
    const spellings = Object.values(names).flat();
    const certifier = spellings
      .map((spelling) => context.certifiers.byName(spelling))
      .find((one) => one !== null);
    if (certifier === undefined || certifier === null) {
      const detail = `no certifier is called ${spellings.slice(0, 3).join(" or ")}: import it with its country first`;
      return { problem: problem("certifier_unknown", detail.slice(0, 400)) };
    }
    return { cells: [certifier.id, tag] };
  };
}
