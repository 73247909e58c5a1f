import { HALAL_STATUSES, MADHABS } from "../../db/tables/vocabulary.ts";
import type { Conversion, ConversionContext } from "../kind.ts";
import { isObject, problem } from "../read/records.ts";
import type { Target } from "../write/upsert-target.ts";
import { cutText, finiteNumber, looseFields, plainText, shortText } from "./fields.ts";

const TEXT_BYTES_MAX = 2_000;

/**
 * Rulings by substance and school. An admin's row stays as it is; our own rows on a substance that the file names go, so
 * that no school of theirs stands beside a school of ours.
 */
export const RULING_TARGET: Target = {
  name: "rulings",
  columns: [
    { name: "substance", type: "text" },
    { name: "madhab", type: "text" },
    { name: "halal_status", type: "text" },
    { name: "confidence", type: "double precision" },
    { name: "reason_code", type: "text" },
    { name: "source_name", type: "text" },
    { name: "source_ref", type: "text" },
    { name: "note", type: "text" },
    { name: "source", type: "text" },
  ],
  keySql: "s.substance || ' ' || coalesce(s.madhab, '')",
  pendingSql: `
    select s.*, t.substance is null as is_new
    from import_batch s
    left join substance_rulings t on t.substance = s.substance and t.madhab is not distinct from s.madhab
    where t.substance is null or not t.is_locked
      and (t.halal_status, t.confidence, t.reason_code, t.source_name, t.source_ref, t.note, t.source)
        is distinct from (s.halal_status, s.confidence, s.reason_code, s.source_name, s.source_ref, s.note, s.source)`,
  writeSql: `
    withdrawn as (
      delete from substance_rulings t
      where t.source = 'own' and not t.is_locked and t.substance in (select s.substance from import_batch s)
        and not exists (
          select from import_batch s where s.substance = t.substance and s.madhab is not distinct from t.madhab)
    ), updated as (
      update substance_rulings t set halal_status = p.halal_status, confidence = p.confidence,
        reason_code = p.reason_code, source_name = p.source_name, source_ref = p.source_ref, note = p.note,
        source = p.source
      from pending p where not p.is_new and t.substance = p.substance and t.madhab is not distinct from p.madhab
      returning 1
    ), inserted as (
      insert into substance_rulings (substance, madhab, halal_status, confidence, reason_code, source_name, source_ref, note, source)
      select p.substance, p.madhab, p.halal_status, p.confidence, p.reason_code, p.source_name, p.source_ref, p.note, p.source
      from pending p where p.is_new
      on conflict do nothing
      returning 1
    )`,
};

/** Makes the converter of rulings (CSV or JSON: substance, madhab, status, confidence, reason_code, source_name, source_ref, note). */
export function createRulingConverter(context: ConversionContext): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value)) return { problem: problem("not_a_ruling", "not a ruling's record") };
    const fields = looseFields(value);
    const substance = plainText(fields.get("substance"))?.toLowerCase() ?? "";
    if (!/^[a-z]{1,3}:./.test(substance) || Buffer.byteLength(substance) > 300) {
      const detail = `${substance.slice(0, 60) || "no substance"} is no id such as en:gelatin`;
      return { problem: problem("bad_substance", detail) };
    }
    const madhab = plainText(fields.get("madhab"))?.toLowerCase() ?? null;
    if (madhab !== null && !MADHABS.some((one) => one === madhab)) {
      const detail = `${madhab.slice(0, 60)} is no school: ${MADHABS.join(", ")}, or nothing for all`;
      return { problem: problem("bad_madhab", detail) };
    }
    const written = fields.get("status") ?? fields.get("halalstatus");
    const status = plainText(written)?.toLowerCase() ?? "";
    if (!HALAL_STATUSES.some((one) => one === status)) {
      const detail = `${status.slice(0, 60) || "no status"} is no status: ${HALAL_STATUSES.join(", ")}`;
      return { problem: problem("bad_status", detail) };
    }
    const confidence = finiteNumber(fields.get("confidence") ?? 1);
    if (confidence === null || confidence < 0 || confidence > 1) {
      return { problem: problem("bad_confidence", "a confidence is a number from 0 to 1") };
    }
    const sourceName = shortText(fields.get("sourcename"), TEXT_BYTES_MAX);
    if (sourceName === null) {
      return { problem: problem("no_source", "a ruling needs a source: who says so") };
    }
    return {
      cells: [
        substance,
        madhab,
        status,
        confidence,
        shortText(fields.get("reasoncode"), 100) ?? "stated",
        sourceName,
        cutText(fields.get("sourceref"), TEXT_BYTES_MAX),
        cutText(fields.get("note"), TEXT_BYTES_MAX),
        context.source.id,
      ],
    };
  };
}
