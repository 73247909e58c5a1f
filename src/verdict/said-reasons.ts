import type { VerdictReason } from "../db/tables/products.ts";
import { DEFAULT_LANGUAGE, type Language } from "../texts/language.ts";
import { inEnglish, inLanguage, type Text, text } from "../texts/text.ts";
import { sourceOf } from "./reason-texts.ts";
import { ENGLISH_WORDS, namedAdditive, reasonText, type Words } from "./reason-messages.ts";
import type { Rulings } from "./rulings.ts";

/** A reason in the caller's language, as far as there are words in it. */
export interface SaidReason extends Required<VerdictReason> {
  /** Of the message; null for a source's own words, of which nobody said. */
  readonly language: Language | null;
}

/** A reason as a row has it; rows may lack its words. */
type StoredReason = Omit<VerdictReason, "message" | "source"> &
  Partial<Pick<VerdictReason, "message" | "source">>;

/**
 * Says reasons in a language: ours are written anew from their code and params, with the names of substances and
 * additives that the rulings of the moment have. A source's own words stay as they are; a reason without words is told by
 * its code.
 */
export function sayReasons(
  reasons: readonly StoredReason[],
  language: Language,
  rulings: Rulings,
): SaidReason[] {
  const words = language === DEFAULT_LANGUAGE ? ENGLISH_WORDS : wordsIn(language, rulings);
  return reasons.map((reason) => sayReason(reason, language, words));
}

function sayReason(
  { code, params = {}, message, source }: StoredReason,
  language: Language,
  words: Words,
): SaidReason {
  const ours = ourText(code, params, message, words);
  // English is said as it was written.
  const isRewritten = ours !== null && (language !== DEFAULT_LANGUAGE || message === undefined);
  return {
    code,
    params,
    message: isRewritten ? inLanguage(ours, language) : (message ?? code),
    source: saySource(source ?? sourceOf(), language),
    language: ours === null ? null : language,
  };
}

/** Null where a source has a message of its own under one of our codes. */
function ourText(
  code: string,
  params: NonNullable<VerdictReason["params"]>,
  message: string | undefined,
  words: Words,
): Text | null {
  const said = reasonText(code, params, words);
  if (said === null) return null;
  const isBare = Object.keys(params).length === 0;
  return isBare && message !== undefined && inEnglish(said) !== message ? null : said;
}

function wordsIn(language: Language, rulings: Rulings): Words {
  return {
    substance: (id) => rulings.substanceName(id, language),
    additive(code) {
      const entry = rulings.findAdditive(code);
      if (entry === null) return code;
      const name = entry.names?.[language] ?? null;
      if (entry.code === code) return namedAdditive(code, name);
      const form =
        name === null
          ? text("form_of", { code: entry.code })
          : text("named_form_of", { code: entry.code, name });
      return namedAdditive(code, form);
    },
  };
}

const OUR_SOURCES: ReadonlyMap<string, Text> = new Map(
  (
    [
      "source_rules",
      "source_none",
      "source_additives",
      "source_boycott",
      "source_gs1",
      "source_demo",
      "source_demo_rule",
      "source_editors",
    ] as const
  ).map((key) => [inEnglish(text(key)), text(key)]),
);

/** Says a source of ours in a language; a citation stays as it is. */
export function saySource(source: string, language: Language): string {
  const ours = OUR_SOURCES.get(source);
  return ours === undefined ? source : inLanguage(ours, language);
}
