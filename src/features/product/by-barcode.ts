import { type Madhab, MADHABS } from "../../db/tables/vocabulary.ts";
import { AppError, inputError } from "../../errors.ts";
import { companyPrefixes, parseBarcode, readBarcode } from "../../food/barcode.ts";
import { DEFAULT_LANGUAGE, type Language, LANGUAGES } from "../../texts/language.ts";
import { text } from "../../texts/text.ts";
import { languagesOf } from "../../trpc/languages.ts";
import type { Product } from "../../trpc/product.ts";
import { productPolicy } from "../../trpc/product-policy.ts";
import type { BarcodeRow } from "../../verdict/barcode-query.ts";
import { sayReasons } from "../../verdict/said-reasons.ts";
import {
  cachedQuery,
  edgeSecondsUntil,
  failingCall,
  type FastCall,
  pairOf,
  sharedAnswer,
} from "../../trpc/fast-query.ts";
import {
  recallsHoldUntil,
  recallsInForce,
  sayRecalls,
  type StoredRecall,
} from "../../verdict/recalls.ts";
import type { Rulings } from "../../verdict/rulings.ts";
import { rulingsPolicy } from "../../verdict/rulings-policy.ts";
import { evidenceOf } from "../../verdict/stored-product.ts";
import { decideVerdict } from "../../verdict/verdict.ts";
import { boycottOf } from "./boycott.ts";
import { ByBarcodeInput, ByBarcodeOutput } from "./schemas.ts";

/** The answer about a barcode to one caller. */
function describe(
  value: BarcodeRow<Product>,
  rulings: Rulings,
  asked: {
    readonly madhab: Madhab | undefined;
    readonly recalls: readonly StoredRecall[];
    readonly isLookedUp: boolean;
    readonly language: Language;
  },
): ByBarcodeOutput {
  const { product, stored, barcode, boycottTargets } = value;
  const reading = readBarcode(barcode);
  const inStore = reading.ok && reading.barcode.inStore;
  const evidence = evidenceOf(stored, rulings, { inStore, boycottTargets });
  const verdict = decideVerdict(evidence, asked.madhab);
  return ByBarcodeOutput.parse({
    barcode,
    product,
    verdict: { ...verdict, reasons: sayReasons(verdict.reasons, asked.language, rulings) },
    boycott: boycottOf(boycottTargets),
    recalls: sayRecalls(asked.recalls, asked.language),
    lookup: asked.isLookedUp ? "started" : null,
  });
}

/** `product.byBarcode` from the barcode's entry and the rulings of the moment. */
export const byBarcode = cachedQuery({
  input: ByBarcodeInput,
  policy: productPolicy,
  beside: rulingsPolicy,
  isRepeated: true,
  parameters: ({ barcode }) => {
    const { gtin14 } = parseBarcode(barcode);
    return { barcode: gtin14, prefixes: companyPrefixes(gtin14) };
  },
  answer: (
    value,
    { input, parameters, etag, beside: rulings, nowMs, context, languages: accepted },
  ) => {
    // Only a call with a context can begin a look-up.
    if (value.product === null && context === null) return null;
    const isLookedUp = value.product === null && context?.lookUp?.(parameters.barcode) === true;
    const recalls =
      value.recalls.length === 0 ? [] : recallsInForce(value.recalls, new Date(nowMs));
    const madhab = input.madhab ?? undefined;
    const inForce = recalls.map(({ alertId }) => alertId).join();
    const { language } = languagesOf(input.locale, accepted);
    const variant = `${language}${madhab ?? ""}${isLookedUp ? "?" : ""}${inForce}`;
    const made = sharedAnswer(pairOf(value, rulings), etag, variant, () =>
      describe(value, rulings, { madhab, recalls, isLookedUp, language }),
    );
    // A barcode that nobody knows is asked for again, because asking has it looked up.
    if (value.product === null) return { ...made, edgeSeconds: 0 };
    if (value.recalls.length === 0) return made;
    return {
      ...made,
      edgeSeconds: edgeSecondsUntil(recallsHoldUntil(value.recalls, nowMs), nowMs),
    };
  },
});

/**
 * A product's page as phones and the edge keep it: `product.byBarcode` for one school in one language, until a recall
 * begins or ends.
 * Errors, of the answer: BAD_REQUEST (no barcode, another school or language), SERVICE_UNAVAILABLE.
 */
export function productCall(
  barcode: string,
  locale: string = DEFAULT_LANGUAGE,
  madhab?: string,
): FastCall {
  const language = LANGUAGES.find((one) => one === locale);
  if (language === undefined) return failingCall(inputError("locale", text("language_of_list")));
  const school = MADHABS.find((one) => one === madhab);
  if (school !== madhab)
    return failingCall(
      inputError("madhab", text("school_of_product", { schools: MADHABS.join(", ") })),
    );
  try {
    return byBarcode.call({ barcode, locale: language, madhab: school });
  } catch (error) {
    if (error instanceof AppError) return failingCall(error);
    throw error;
  }
}
