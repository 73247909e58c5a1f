import { type SQL, sql } from "drizzle-orm";
import { constraintViolation } from "../../db/client/errors.ts";
import type { Db } from "../../db/client/database.ts";
import { textArray } from "../../db/sql-fragments.ts";
import { inputError } from "../../errors.ts";
import { readENumber } from "../../food/e-number.ts";
import { type ProductColumns, writeProduct } from "./admin-queries.ts";
import type { AdminProduct, UpsertProductInput } from "./schemas.ts";
import { text } from "../../texts/text.ts";

const json = (value: object): SQL => sql`${JSON.stringify(value)}::jsonb`;

function additiveCodes(written: readonly string[]): string[] {
  const codes = written.map((text) => {
    const reading = readENumber(text);
    if (!reading.ok) throw inputError("additives", reading.text, { reason: "e_number_unreadable" });
    return reading.eNumber.code;
  });
  return [...new Set(codes)];
}

/** The columns that an input gives. Errors: BAD_REQUEST for an additive that is none. */
function columnsOf(input: Omit<UpsertProductInput, "barcode">): ProductColumns {
  const { halalStatus, confidenceScore, reasons, names, ingredientTexts } = input;
  const { additives, labels, categories, allergens } = input;
  // A confidence and reasons speak of a status: those of another one do not stay.
  const confidence =
    confidenceScore ?? (halalStatus === undefined ? undefined : halalStatus === "unknown" ? 0 : 1);
  const saidReasons = reasons ?? (halalStatus === undefined ? undefined : []);
  // Findings of another text do not hold for this one.
  const isRead = [input.name, input.ingredients, ingredientTexts, input.language, categories].some(
    (value) => value !== undefined,
  );
  const columns: readonly (readonly [string, SQL | undefined])[] = [
    ["name", plain(input.name)],
    ["names", names && json(names)],
    ["brand", plain(input.brand)],
    ["image_url", plain(input.imageUrl)],
    ["halal_status", plain(halalStatus)],
    ["confidence_score", confidence === undefined ? undefined : sql`${confidence}::float8`],
    ["reasons", saidReasons && json(saidReasons)],
    ["additives", additives && textArray(additiveCodes(additives))],
    ["ingredients", plain(input.ingredients)],
    ["ingredient_texts", ingredientTexts && json(ingredientTexts)],
    ["language", plain(input.language)],
    ["labels", labels && textArray(labels)],
    ["categories", categories && textArray(categories)],
    ["allergens", allergens && textArray(allergens)],
    ["certifier_id", plain(input.certifierId)],
    ["findings", isRead ? sql`null` : undefined],
    ["name_finding", isRead ? sql`null` : undefined],
    ["analysis_version", sql`null`],
    ["computed_version", sql`null`],
  ];
  return Object.fromEntries(
    columns.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

const plain = (value: string | null | undefined): SQL | undefined =>
  value === undefined ? undefined : sql`${value}`;

/**
 * Makes or changes a product, which then waits to be read and judged.
 * Errors: BAD_REQUEST (an additive that is none, a certifier that nobody knows).
 */
export async function upsertProduct(
  db: Db,
  gtin14: string,
  input: Omit<UpsertProductInput, "barcode">,
): Promise<AdminProduct> {
  try {
    return await writeProduct(db, gtin14, columnsOf(input));
  } catch (cause) {
    if (constraintViolation(cause)?.kind !== "foreign_key") throw cause;
    throw inputError("certifierId", text("unknown_certifier"), { cause });
  }
}
