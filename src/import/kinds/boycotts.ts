import { BOYCOTT_LEVELS } from "../../db/tables/vocabulary.ts";
import {
  looseFields,
  looseName,
  matchKey,
  plainText,
  textList,
  webAddress,
  yesNo,
} from "./fields.ts";
import type { Conversion, ConversionContext } from "../kind.ts";
import { isObject, problem } from "../read/records.ts";
import { said, SAYS, type TargetColumn, upsertTarget } from "../write/upsert-target.ts";

const LIST = /[|;]/;

/** A column that always has a value: where the record gives none, a row keeps its own and a new one takes `whenNew`. */
const settled = (name: string, type: string, whenNew: string): TargetColumn => ({
  name,
  type,
  update: (existing, incoming) => `coalesce(${incoming}.${name}, ${existing}.${name})`,
  insert: (incoming) => `coalesce(${incoming}.${name}, ${whenNew})`,
});

/** Boycott targets by the key of the company's name; columns that the file does not have keep their values. */
export const BOYCOTT_TARGET = upsertTarget({
  name: "boycotts",
  table: "boycott_targets",
  key: "id",
  keySql: "brand_key(s.company_name)",
  match: (incoming) => `t.company_key = brand_key(${incoming}.company_name)`,
  columns: [
    { name: "company_name", type: "text" },
    SAYS,
    said("brands", "text[]"),
    said("parent_company", "text"),
    settled("level", "text", "'community'"),
    said("reasons", "text[]"),
    said("source_url", "text"),
    said("gtin_prefixes", "text[]"),
    settled("active", "boolean", "true"),
    said("source", "text"),
  ],
});

/** The names that files give each column, loosely. */
const FIELDS = {
  brands: ["brands", "brandaliases", "aliases"],
  parent_company: ["parentcompany", "parent"],
  reasons: ["reasons", "reason"],
  source_url: ["sourceurl"],
  gtin_prefixes: ["gtinprefixes"],
} as const;
/** The source that fills these columns becomes the source of the row. */
const MAIN_COLUMNS = ["brands", "reasons"];

/** The columns that a record speaks about, also with an empty field. */
function columnsOf(value: Readonly<Record<string, unknown>>): string[] {
  const present = new Set(Object.keys(value).map(looseName));
  const columns = Object.entries(FIELDS).flatMap(([column, names]) =>
    names.some((name) => present.has(name)) ? [column] : [],
  );
  return MAIN_COLUMNS.every((one) => columns.includes(one)) ? [...columns, "source"] : columns;
}

/** Makes the converter of boycott targets (JSON or CSV: companyName, brands, parentCompany, level, reasons, sourceUrl, gtinPrefixes, active). */
export function createBoycottConverter(context: ConversionContext): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value))
      return { problem: problem("not_a_target", "not a boycott target's record") };
    const fields = looseFields(value);
    const companyName = plainText(
      fields.get("companyname") ?? fields.get("company") ?? fields.get("name"),
    );
    if (companyName === null || companyName.length > 200 || matchKey(companyName) === "") {
      const detail = "a target needs a company name with letters, of at most 200 characters";
      return { problem: problem("no_company", detail) };
    }
    const written = plainText(fields.get("level"))?.toLowerCase();
    const level = BOYCOTT_LEVELS.find((one) => one === written) ?? null;
    if (level === null && written !== undefined) {
      const detail = `level ${written.slice(0, 60)} is none of ${BOYCOTT_LEVELS.join(", ")}`;
      return { problem: problem("bad_level", detail) };
    }
    const isActive = yesNo(fields.get("active"));
    if (isActive === null && fields.has("active"))
      return { problem: problem("bad_active", "active is yes or no") };
    const gtinPrefixes = textList(fields.get("gtinprefixes"), LIST, 100);
    const badPrefix = gtinPrefixes.find((prefix) => !/^\d{3,12}$/.test(prefix));
    if (badPrefix !== undefined) {
      const detail = `${badPrefix.slice(0, 60)} is not a GS1 company prefix of 3 to 12 digits`;
      return { problem: problem("bad_gtin_prefix", detail) };
    }
    const brands = FIELDS.brands.flatMap((field) => textList(fields.get(field), LIST, 500));
    const parent = plainText(fields.get("parentcompany") ?? fields.get("parent"));
    return {
      cells: [
        companyName,
        columnsOf(value),
        [...new Set(brands)],
        parent !== null && parent.length <= 200 ? parent : null,
        level,
        textList(fields.get("reasons") ?? fields.get("reason"), LIST, 50),
        webAddress(fields.get("sourceurl"), 2_000),
        gtinPrefixes,
        isActive,
        context.source.id,
      ],
    };
  };
}
