import { type SQL, sql } from "drizzle-orm";
import { constraintViolation } from "../../db/client/errors.ts";
import type { Db } from "../../db/client/database.ts";
import { AppError } from "../../errors.ts";
import { readENumber } from "../../food/e-number.ts";
import { COMPUTED_COLUMNS } from "../../verdict/computed-status.ts";
import type { AnalyseProduct } from "../../verdict/off-thread-analysis.ts";
import { type ProductColumns, writeAnalysis, writeProduct } from "./admin-queries.ts";
import type { AdminProduct, UpsertProductInput } from "./schemas.ts";

const json = (value: object): SQL => sql`${JSON.stringify(value)}::jsonb`;
const texts = (value: readonly string[]): SQL =>
  sql`array(select jsonb_array_elements_text(${JSON.stringify(value)}::jsonb))`;

function additiveCodes(written: readonly string[]): string[] {
  const codes = written.map((text) => {
    const reading = readENumber(text);
    if (!reading.ok) throw new AppError("BAD_REQUEST", `additives: ${reading.message}`);
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
  const columns: readonly (readonly [string, SQL | undefined])[] = [
    ["name", plain(input.name)],
    ["names", names && json(names)],
    ["brand", plain(input.brand)],
    ["image_url", plain(input.imageUrl)],
    ["halal_status", plain(halalStatus)],
    ["confidence_score", confidence === undefined ? undefined : sql`${confidence}::float8`],
    ["reasons", saidReasons && json(saidReasons)],
    ["additives", additives && texts(additiveCodes(additives))],
    ["ingredients", plain(input.ingredients)],
    ["ingredient_texts", ingredientTexts && json(ingredientTexts)],
    ["language", plain(input.language)],
    ["labels", labels && texts(labels)],
    ["categories", categories && texts(categories)],
    ["allergens", allergens && texts(allergens)],
    ["certifier_id", plain(input.certifierId)],
  ];
  return Object.fromEntries(
    columns.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

const plain = (value: string | null | undefined): SQL | undefined =>
  value === undefined ? undefined : sql`${value}`;

/**
 * Makes or changes a product in the caller's transaction, and reads and judges it at once.
 * Errors: BAD_REQUEST (an additive that is none, a certifier that nobody knows).
 */
export async function upsertProduct(
  { db, analyse }: { readonly db: Db; readonly analyse: AnalyseProduct },
  gtin14: string,
  input: Omit<UpsertProductInput, "barcode">,
): Promise<AdminProduct> {
  const columns = columnsOf(input);
  const { product, stored } = await refusingUnknownCertifier(writeProduct(db, gtin14, columns));
  const analysed = await analyse(db, { gtin14, readable: product, stored });
  const { findings, nameFinding, statuses, analysisVersion, rulingsVersion } = analysed;
  await writeAnalysis(db, gtin14, {
    findings: sql`${findings}`,
    name_finding: nameFinding === null ? sql`null` : json(nameFinding),
    analysis_version: sql`${analysisVersion}`,
    computed_version: sql`${rulingsVersion}`,
    ...Object.fromEntries(
      COMPUTED_COLUMNS.map((name, i) => [name, sql`${statuses[i] ?? "unknown"}`]),
    ),
  });
  return product;
}

async function refusingUnknownCertifier<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    if (constraintViolation(cause)?.kind !== "foreign_key") throw cause;
    throw new AppError("BAD_REQUEST", "certifierId: there is no such certifier", { cause });
  }
}
