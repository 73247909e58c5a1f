import { isObject } from "../read/records.ts";

/** The answer of Open Food Facts about a barcode. */
export type OffAnswer =
  | { readonly kind: "found"; readonly record: Readonly<Record<string, unknown>> }
  | { readonly kind: "unknown" }
  /** Nothing that can be used. */
  | { readonly kind: "failed"; readonly reason: string };

/** A record of the asked fields has some 20 KB. Units: bytes, after decompression. */
const BODY_MAX = 512 * 1024;
const ANSWER_TIMEOUT_MS = 5_000;

/** By the rules of Open Food Facts a program names itself. Source: its API documentation. */
const USER_AGENT = "halal-backend/0.1 (look-up of scanned barcodes)";

const LANGUAGES = ["en", "fr", "ar", "de", "es", "it", "nl", "pt", "pl", "tr", "ru", "id", "ms"];

/** The fields that the converter of imports reads. */
const FIELDS = [
  "code",
  "lang",
  "product_name",
  ...LANGUAGES.map((language) => `product_name_${language}`),
  "brands",
  "labels_tags",
  "additives_tags",
  "ingredients_text",
  ...LANGUAGES.map((language) => `ingredients_text_${language}`),
  "categories_tags",
  "allergens_tags",
  "image_front_url",
].join(",");

/** A GTIN as Open Food Facts writes it: 8 digits, 13, or 14. */
export function offCode(gtin14: string): string {
  const digits = gtin14.replace(/^0+/, "");
  if (digits.length <= 8) return digits.padStart(8, "0");
  return digits.length <= 13 ? digits.padStart(13, "0") : digits;
}

/**
 * Asks Open Food Facts for one product. Errors: none; an answer that is late, too large, of another type or broken is a
 * failure. Units: canonical GTIN-14.
 */
export async function askOff(
  baseUrl: string,
  gtin14: string,
  signal: AbortSignal,
): Promise<OffAnswer> {
  const address = new URL(`api/v2/product/${offCode(gtin14)}.json`, `${baseUrl}/`);
  address.searchParams.set("fields", FIELDS);
  try {
    const response = await fetch(address, {
      // Elsewhere are the products that are no food.
      redirect: "manual",
      headers: { accept: "application/json", "user-agent": USER_AGENT },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    const isRedirect = response.status >= 300 && response.status < 400;
    if (response.status === 404 || isRedirect) {
      await response.body?.cancel();
      return { kind: "unknown" };
    }
    if (!response.ok) return await refused(response, `status ${response.status}`);
    const type = response.headers.get("content-type") ?? "";
    if (!/^application\/json\b/i.test(type)) return await refused(response, "not JSON");
    return readAnswer(await readBody(response));
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

async function refused(response: Response, reason: string): Promise<OffAnswer> {
  await response.body?.cancel();
  return { kind: "failed", reason };
}

/** Errors: Error for a body that is too large; those of the connection. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (length > BODY_MAX) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Errors: SyntaxError. */
function readAnswer(text: string): OffAnswer {
  const answer: unknown = JSON.parse(text);
  if (!isObject(answer)) return { kind: "failed", reason: "not an answer" };
  const { status, product } = answer;
  if (status === 0) return { kind: "unknown" };
  return isObject(product)
    ? { kind: "found", record: product }
    : { kind: "failed", reason: "an answer without a product" };
}
