import { BOYCOTT_LEVELS } from "../db/tables/vocabulary.ts";
import { looseFields, matchKey, plainText, textList, webAddress, yesNo } from "./fields.ts";
import type { Conversion, ConversionContext } from "./kind.ts";
import { isObject, problem } from "./records.ts";
import { upsertTarget } from "./target.ts";

const LIST = /[|;]/;

/** Boycott targets by the company's normalised name. */
export const BOYCOTT_TARGET = upsertTarget({
  name: "boycotts",
  table: "boycott_targets",
  key: "id",
  keySql: "normalize_text(s.company_name)",
  match: (incoming) => `t.company_key = normalize_text(${incoming}.company_name)`,
  columns: [
    { name: "company_name", type: "text" },
    { name: "brands", type: "text[]" },
    { name: "parent_company", type: "text" },
    { name: "level", type: "text" },
    { name: "reasons", type: "text[]" },
    { name: "source_url", type: "text" },
    { name: "gtin_prefixes", type: "text[]" },
    { name: "active", type: "boolean" },
    { name: "source", type: "text" },
  ],
});

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
    const level = BOYCOTT_LEVELS.find((one) => one === (written ?? "community"));
    if (level === undefined) {
      const detail = `level ${written?.slice(0, 60)} is none of ${BOYCOTT_LEVELS.join(", ")}`;
      return { problem: problem("bad_level", detail) };
    }
    const isActive = fields.has("active") ? yesNo(fields.get("active")) : true;
    if (isActive === null) return { problem: problem("bad_active", "active is yes or no") };
    const gtinPrefixes = textList(fields.get("gtinprefixes"), LIST, 100);
    const badPrefix = gtinPrefixes.find((prefix) => !/^\d{3,12}$/.test(prefix));
    if (badPrefix !== undefined) {
      const detail = `${badPrefix.slice(0, 60)} is not a GS1 company prefix of 3 to 12 digits`;
      return { problem: problem("bad_gtin_prefix", detail) };
    }
    const brands = ["brands", "brandaliases", "aliases"].flatMap((field) =>
      textList(fields.get(field), LIST, 500),
    );
    const parent = plainText(fields.get("parentcompany") ?? fields.get("parent"));
    return {
      cells: [
        companyName,
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
