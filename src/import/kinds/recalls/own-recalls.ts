import { languageOfTag } from "../../../texts/language.ts";
import { ALERT_SEVERITIES } from "../../../db/tables/vocabulary.ts";
import type { Conversion, ConversionContext } from "../../kind.ts";
import { isObject, problem, type RecordProblem } from "../../read/records.ts";
import { plainText, textList, webAddress } from "../fields.ts";
import { barcodeOf, firstText, foldedFields, instantOf } from "./recall-fields.ts";
import { recallRow } from "./target.ts";

const LIST = /[|;]/;

/**
 * Makes the converter of recalls in columns of our own (CSV or JSON): id, title, summary, published_at; content,
 * severity, barcodes, lots, brand, risk, what_to_do, countries, expires_at, image_url, source_url, language
 * (`en`, `fr` or `ar`).
 */
export function createOwnRecallConverter(
  context: ConversionContext,
): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value)) return { problem: problem("not_a_recall", "not a recall's record") };
    const fields = foldedFields(value);
    const text = (...names: readonly string[]) => firstText(fields, names);
    const ref = text("id", "recallid");
    if (ref === null || ref.length > 100)
      return { problem: problem("no_number", "a recall needs an id of at most 100 characters") };
    const publishedAt = instantOf(text("publishedat", "date"));
    if (publishedAt === null)
      return { problem: problem("no_date", "a recall needs its published_at") };
    const end = text("expiresat");
    const expiresAt = instantOf(end);
    if (end !== null && expiresAt === null)
      return { problem: problem("bad_date", `expires_at ${end.slice(0, 60)} is no date`) };
    const written = text("severity")?.toLowerCase();
    const severity = ALERT_SEVERITIES.find((one) => one === written) ?? "critical";
    if (written !== undefined && severity !== written) {
      const detail = `severity ${written.slice(0, 60)} is none of ${ALERT_SEVERITIES.join(", ")}`;
      return { problem: problem("bad_severity", detail) };
    }
    const countries = textList(fields.get("countries") ?? fields.get("country"), LIST, 250);
    const badCountry = countries.find((one) => !/^[A-Z]{2}$/.test(one));
    if (badCountry !== undefined) {
      const detail = `${badCountry.slice(0, 60)} is no ISO 3166-1 code such as FR`;
      return { problem: problem("bad_country", detail) };
    }
    const notes: RecordProblem[] = [];
    const codes = fields.get("barcodes") ?? fields.get("barcode") ?? fields.get("gtin");
    const barcodes = textList(
      typeof codes === "number" ? String(codes) : codes,
      LIST,
      1000,
    ).flatMap((code) => {
      const barcode = barcodeOf(code);
      if (barcode === null)
        notes.push(problem("bad_barcode", `${code.slice(0, 60)} is no barcode: left out`));
      return barcode === null ? [] : [barcode];
    });
    return recallRow(
      {
        ref,
        version: null,
        isPartial: false,
        language: languageOfTag(text("language") ?? ""),
        title: text("title") ?? "",
        summary: text("summary", "reason") ?? "",
        content: plainText(fields.get("content")),
        severity,
        imageUrl: webAddress(fields.get("imageurl"), 500),
        sourceUrl: webAddress(fields.get("sourceurl"), 500),
        publishedAt,
        expiresAt,
        barcodes,
        lots: textList(fields.get("lots") ?? fields.get("lot"), LIST, 200),
        brand: text("brand"),
        risk: text("risk"),
        whatToDo: text("whattodo"),
        countries,
        notes,
      },
      context,
    );
  };
}
