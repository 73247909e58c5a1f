import type { AlertSeverity } from "../../../db/tables/vocabulary.ts";
import type { Conversion, ConversionContext } from "../../kind.ts";
import { isObject, problem } from "../../read/records.ts";
import { cutText } from "../fields.ts";
import {
  barcodesAfterWords,
  endOfDay,
  firstText,
  foldedFields,
  instantOf,
  paragraphs,
} from "./recall-fields.ts";
import { recallRow } from "./target.ts";

/** Source: 21 CFR 7.3(m): I serious harm or death, II temporary or remote harm, III not likely. */
const SEVERITIES: ReadonlyMap<string, AlertSeverity> = new Map([
  ["class i", "critical"],
  ["class ii", "warning"],
  ["class iii", "info"],
]);

/**
 * Makes the converter of openFDA's food enforcement reports, by their fields. A terminated recall is over at its
 * termination, or with the day of its report where that is not told.
 * Source: open.fda.gov/apis/food/enforcement.
 */
export function createOpenFdaConverter(context: ConversionContext): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value)) return { problem: problem("not_a_recall", "not a recall's record") };
    const fields = foldedFields(value);
    const text = (...names: readonly string[]) => firstText(fields, names);
    const ref = text("recallnumber");
    if (ref === null || ref.length > 100)
      return { problem: problem("no_number", "a recall needs its recall_number") };
    const kind = text("producttype");
    if (kind !== null && !/food/i.test(kind))
      return { problem: problem("not_food", `not food, but ${kind.slice(0, 60)}`) };
    const publishedAt = instantOf(text("reportdate", "recallinitiationdate"));
    if (publishedAt === null)
      return { problem: problem("no_date", "a recall needs its report_date") };

    const product = text("productdescription");
    const codes = [text("codeinfo"), text("morecodeinfo")]
      .filter((part) => part !== null)
      .join(" ");
    const reason = text("reasonforrecall");
    const firm = text("recallingfirm");
    const grade = text("classification");
    const isOver = /^terminated/i.test(text("status") ?? "");
    return recallRow(
      {
        ref,
        version: null,
        isPartial: false,
        language: "en",
        title: `Recall: ${cutText(product, 180) ?? firm ?? ref}`,
        summary: reason ?? "Recalled by its maker",
        content: paragraphs([
          ["Product", product],
          ["Codes", codes === "" ? null : codes],
          ["Reason", reason],
          ["Classification", grade],
          ["Distribution", text("distributionpattern")],
          ["Firm", firm],
        ]),
        severity: SEVERITIES.get(grade?.toLowerCase() ?? "") ?? "warning",
        imageUrl: null,
        sourceUrl: null,
        publishedAt,
        expiresAt: isOver ? endOfDay(instantOf(text("terminationdate")) ?? publishedAt) : null,
        barcodes: [...barcodesAfterWords(product ?? ""), ...barcodesAfterWords(codes)],
        lots: lotsIn(codes),
        brand: firm,
        risk: [reason, grade].filter((part) => part !== null).join(" · ") || null,
        whatToDo: null,
        countries: ["US"],
        notes: [],
      },
      context,
    );
  };
}

/** The parts of a free text that name lots. */
function lotsIn(codes: string): string[] {
  return codes
    .split(/;|\n/)
    .map((part) => part.trim())
    .filter((part) => /\b(?:lots?|batch|best|exp|use by|sell by)\b/i.test(part))
    .map((part) => cutText(part, 200) ?? "")
    .filter((part) => part !== "");
}
