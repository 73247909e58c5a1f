import { z } from "zod";
import {
  ADDITIVE_ORIGINS,
  DIET_ANSWERS,
  HALAL_STATUSES,
  MADHABS,
} from "../../db/tables/vocabulary.ts";
import { LANGUAGES, type Language } from "../../texts/language.ts";
import type { Translations } from "../../texts/translations.ts";
import { localeInput } from "../../trpc/languages.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { optional, plainText } from "../../trpc/inputs.ts";
import { schemaError } from "../../texts/text.ts";

const halalStatus = z.enum(HALAL_STATUSES);
const madhab = z.enum(MADHABS);
const dietAnswer = z.enum(DIET_ANSWERS);
/** An E-number in any usual spelling: `E471`, `e 471`, `INS 471`, `en:e471`, `471`, `E450(i)`. */
const writtenCode = z.string().max(64);

const explained = {
  explanation: z.string().nullable(),
  /** Of the explanation: the caller's where there is one, else that in which it was written; null: not known, or none. */
  explanationLanguage: z.enum(LANGUAGES).nullable(),
};

/** A school's ruling where it differs from the default, or explains it. */
export const Ruling = z.object({
  madhab,
  halalStatus,
  ...explained,
  source: z.string().nullable(),
});
export type Ruling = z.infer<typeof Ruling>;

export const Additive = z.object({
  /** Canonical E-number, such as `E471`. */
  code: z.string(),
  names: z.object({
    en: z.string().nullable(),
    fr: z.string().nullable(),
    ar: z.string().nullable(),
  }),
  /** Functional class, such as `emulsifier`. */
  category: z.string().nullable(),
  origin: z.enum(ADDITIVE_ORIGINS),
  /** The default, for those who ask for no school. */
  halalStatus,
  ...explained,
  /** The source of the status. */
  source: z.string().nullable(),
  vegan: dietAnswer.nullable(),
  vegetarian: dietAnswer.nullable(),
  /** Codes of the entries that this one is a form of. */
  parents: z.array(z.string()),
  rulings: z.array(Ruling),
  /** Where the row came from, as its licence asks to be told; null when an administrator made it. */
  attribution: z
    .object({
      name: z.string(),
      licence: z.string(),
      attribution: z.string(),
      url: z.string().nullable(),
    })
    .nullable(),
  /** Units: ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Units: ISO 8601, UTC. */
  updatedAt: z.iso.datetime(),
});
export type Additive = z.infer<typeof Additive>;

const explanationTexts = z.partialRecord(z.enum(LANGUAGES), z.string());

/** An additive as administrators see it: explained as it was written, and in other languages. */
export const WrittenAdditive = Additive.extend({
  explanationTexts,
  rulings: z.array(Ruling.extend({ explanationTexts })),
});
export type WrittenAdditive = z.infer<typeof WrittenAdditive>;

/** An additive as one caller asked for it. */
export const AskedAdditive = Additive.extend({
  /** Canonical form of what was asked for. */
  requestedCode: z.string(),
  /** True when the requested sub-code has no entry and `code` is the nearest one that it is a form of. */
  viaParent: z.boolean(),
  /** The asked school's own ruling; null when none was asked for, or when that school has none of its own. */
  ruling: Ruling.nullable(),
  /** The ruling's status where there is a ruling, else the default. */
  effectiveStatus: halalStatus,
});
export type AskedAdditive = z.infer<typeof AskedAdditive>;

/** All additives, or what has changed of them since an earlier answer. */
export const AdditiveListOutput = z.object({
  /** The shape of the answer; a shape that older phones cannot read has another number. */
  version: z.literal(1),
  language: z.enum(LANGUAGES),
  /** The state that the answer shows: the `since` of the next question. */
  snapshot: z.string(),
  /** False when only changes since the question's `since` are listed. */
  isWhole: z.boolean(),
  /** Those that are new or have changed, by code; all of them in a whole answer. */
  items: z.array(Additive),
  /** Codes that have no entry any more; empty in a whole answer. */
  removed: z.array(z.string()),
});
export type AdditiveListOutput = z.infer<typeof AdditiveListOutput>;

export const ByCodeInput = z.strictObject({
  code: writtenCode,
  madhab: madhab.apply(optional),
  locale: localeInput,
});

export const ForCodesInput = z.strictObject({
  /** Texts longer than any code are not understood, like others that are none. */
  codes: z.array(z.string().max(10_000)).min(1).max(100),
  madhab: madhab.apply(optional),
  locale: localeInput,
});

export const ForCodesOutput = z.object({
  /** One for each code asked for, in the same order. */
  items: z.array(
    z.object({
      /** As the caller wrote it. */
      requested: z.string(),
      /** Canonical form of it; null when it is no E-number. */
      requestedCode: z.string().nullable(),
      /** Null when neither the code nor one that it is a form of has an entry. */
      additive: AskedAdditive.nullable(),
    }),
  ),
  /** The codes asked for that are no E-numbers, as the caller wrote them. */
  notUnderstood: z.array(z.string()),
});
export type ForCodesOutput = z.infer<typeof ForCodesOutput>;

export const SearchAdditivesInput = z.strictObject({
  query: plainText(100),
  locale: localeInput,
  ...pageInput,
});

export const SearchAdditivesOutput = pageOf(Additive);

/** The last item of a page: how well it matches, and its code. */
export const SearchCursor = z.tuple([
  z.int().min(0).max(1_000_000),
  z
    .string()
    .regex(/^E[0-9]{3,4}[a-z]*$/)
    .max(20),
]);
export type SearchCursor = z.infer<typeof SearchCursor>;

const note = plainText(4000).nullable().optional();

function withoutEmpty(texts: {
  readonly [L in Language]?: string | null | undefined;
}): Translations<string> {
  return Object.fromEntries(
    Object.entries(texts).filter(([, one]) => one !== null && one !== undefined),
  );
}

function isExplained(given: {
  readonly explanation?: string | null | undefined;
  readonly explanationTexts?: Translations<string> | undefined;
}): boolean {
  const isTranslated = Object.keys(given.explanationTexts ?? {}).length > 0;
  return !isTranslated || typeof given.explanation === "string";
}

/** An explanation's own language and the same in others, which belong to the explanation that comes with them. */
const explanationInput = {
  explanation: note,
  /** Of `explanation`; `en` by default. */
  explanationLanguage: z.enum(LANGUAGES).apply(optional),
  /** The explanation in other languages; another explanation drops those of the one before. */
  explanationTexts: z
    .strictObject({ en: note, fr: note, ar: note })
    .transform(withoutEmpty)
    .apply(optional),
};
const rulingInput = z
  .strictObject({ madhab, halalStatus, ...explanationInput, source: note })
  .refine(isExplained, {
    error: schemaError("translation_of_nothing"),
    path: ["explanationTexts"],
  });

/**
 * The fields that an administrator sets; a field that is left out keeps its value, null empties it.
 * An explanation and a source belong to a status: another status leaves neither of those before.
 */
export const UpsertAdditiveInput = z
  .strictObject({
    code: writtenCode,
    names: z
      .strictObject({
        en: plainText(300).nullable().optional(),
        fr: plainText(300).nullable().optional(),
        ar: plainText(300).nullable().optional(),
      })
      .apply(optional),
    category: plainText(100).nullable().optional(),
    origin: z.enum(ADDITIVE_ORIGINS).apply(optional),
    halalStatus,
    ...explanationInput,
    source: note,
    vegan: dietAnswer.nullable().optional(),
    vegetarian: dietAnswer.nullable().optional(),
    /** All of them: a school that is not among them has no ruling of its own afterwards. */
    rulings: z
      .array(rulingInput)
      .max(MADHABS.length)
      .refine((rulings) => new Set(rulings.map(({ madhab }) => madhab)).size === rulings.length, {
        error: schemaError("ruling_per_school"),
      })
      .apply(optional),
  })
  .refine(isExplained, {
    error: schemaError("translation_of_nothing"),
    path: ["explanationTexts"],
  });
export type UpsertAdditiveInput = z.infer<typeof UpsertAdditiveInput>;

export const AdditiveCodeInput = z.strictObject({ code: writtenCode });
export const AdditiveCodeOutput = z.object({ code: z.string() });
