import type { Madhab } from "../../db/tables/vocabulary.ts";
import type { Language } from "../../texts/language.ts";
import { translated, type Translations } from "../../texts/translations.ts";
import { saySource } from "../../verdict/said-reasons.ts";
import { parentCodes, plainENumberText, readENumber } from "../../food/e-number.ts";
import type { AllAdditives } from "./queries.ts";
import type { Additive, AskedAdditive, ForCodesOutput, WrittenAdditive } from "./schemas.ts";

/** A canonical code and those it is a form of, nearest first. Errors: BAD_REQUEST (not an E-number). */
export function answeringCodes(code: string): [string, ...string[]] {
  return [code, ...parentCodes(code)];
}

/** Explains an additive in a language, or as it was written where nobody translated it. */
export function sayAdditive(
  { explanationTexts, rulings, ...additive }: WrittenAdditive,
  language: Language,
): Additive {
  return {
    ...additive,
    ...explain(additive, explanationTexts, language),
    rulings: rulings.map(({ explanationTexts: texts, ...ruling }) => ({
      ...ruling,
      ...explain(ruling, texts, language),
    })),
  };
}

type Explained = Pick<Additive, "explanation" | "explanationLanguage" | "source">;

function explain(
  { explanation, explanationLanguage, source: written }: Explained,
  texts: Translations<string>,
  wanted: Language,
): Explained {
  const source = written && saySource(written, wanted);
  if (explanation === null) return { explanation, explanationLanguage: null, source };
  const said = translated(explanation, explanationLanguage, texts, wanted);
  return { explanation: said.text, explanationLanguage: said.language, source };
}

/** Shows an additive as one caller asked for it: for which code, and by which school if any. */
export function askedAdditive(
  additive: Additive,
  requestedCode: string,
  madhab: Madhab | undefined,
): AskedAdditive {
  const ruling = additive.rulings.find((one) => one.madhab === madhab) ?? null;
  return {
    ...additive,
    requestedCode,
    viaParent: additive.code !== requestedCode,
    ruling,
    effectiveStatus: ruling?.halalStatus ?? additive.halalStatus,
  };
}

const byCode = new WeakMap<AllAdditives, ReadonlyMap<string, WrittenAdditive>>();

function codesOf(all: AllAdditives): ReadonlyMap<string, WrittenAdditive> {
  let known = byCode.get(all);
  if (known === undefined) {
    known = new Map(all.items.map((additive) => [additive.code, additive]));
    byCode.set(all, known);
  }
  return known;
}

/** Answers each of some codes in its place, as `additive.forCodes` does. */
export function answersTo(
  requested: readonly string[],
  all: AllAdditives,
  madhab: Madhab | undefined,
  language: Language,
): ForCodesOutput {
  const known = codesOf(all);
  const notUnderstood: string[] = [];
  const items = requested.map((text) => {
    const reading = readENumber(text);
    if (!reading.ok) {
      notUnderstood.push(text);
      return { requested: text, requestedCode: null, additive: null };
    }
    const [requestedCode, ...parents] = answeringCodes(reading.eNumber.code);
    const code = [requestedCode, ...parents].find((one) => known.has(one));
    const additive = code === undefined ? undefined : known.get(code);
    return {
      requested: text,
      requestedCode,
      additive: additive
        ? askedAdditive(sayAdditive(additive, language), requestedCode, madhab)
        : null,
    };
  });
  return { items, notUnderstood };
}

/** The code, or the beginning of one, that a text looked for is: `e47` for `E-47`; null when it is neither. */
export function searchedCodePrefix(query: string): string | null {
  const reading = readENumber(query);
  if (reading.ok) return reading.eNumber.code.toLowerCase();
  const [, digits] = /^(?:e|ins)?-?([1-9][0-9]?)$/.exec(plainENumberText(query)) ?? [];
  return digits === undefined ? null : `e${digits}`;
}
