import { ar as errorsAr } from "./errors/ar.ts";
import { en as errorsEn } from "./errors/en.ts";
import { fr as errorsFr } from "./errors/fr.ts";
import { ar as inputsAr } from "./inputs/ar.ts";
import { en as inputsEn } from "./inputs/en.ts";
import { fr as inputsFr } from "./inputs/fr.ts";
import { DEFAULT_LANGUAGE, type Language } from "./language.ts";
import { ar as reasonsAr } from "./reasons/ar.ts";
import { en as reasonsEn } from "./reasons/en.ts";
import { fr as reasonsFr } from "./reasons/fr.ts";

const en = { ...errorsEn, ...inputsEn, ...reasonsEn };

/** The name of a text. */
export type TextKey = keyof typeof en;

/** Every text in every language; `{name}` stands for a parameter. */
export const CATALOGUES: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = {
  en,
  fr: { ...errorsFr, ...inputsFr, ...reasonsFr },
  ar: { ...errorsAr, ...inputsAr, ...reasonsAr },
};

/** A text before its language is chosen. */
export interface Text {
  readonly key: TextKey;
  readonly params: Readonly<Record<string, string | number | Text>>;
}

type NamesIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;
type ParamsOf<K extends TextKey> = Readonly<
  Record<NamesIn<(typeof en)[K]>, string | number | Text>
>;

/** Makes a text: `text("no_additive", { code: "E471" })`. */
export function text<K extends TextKey>(
  key: K,
  ...[params]: [NamesIn<(typeof en)[K]>] extends [never] ? [] : [ParamsOf<K>]
): Text {
  return { key, params: params ?? {} };
}

const PLACE = /\{(\w+)\}/g;

/** Writes a text in a language. */
export function inLanguage({ key, params }: Text, language: Language): string {
  return CATALOGUES[language][key].replace(PLACE, (_place, name: string) => {
    const value = params[name] ?? "";
    return typeof value === "object" ? inLanguage(value, language) : String(value);
  });
}

/** Writes a text as logs, imports and commands show it. */
export function inEnglish(one: Text): string {
  return inLanguage(one, DEFAULT_LANGUAGE);
}

/** The texts of schemas by their English; schemas are made once, when their module is loaded. */
const ofSchemas = new Map<string, Text>();

/**
 * The message of a schema's check, to be said in the caller's language later: `z.string().regex(…, { error:
 * schemaError("slug") })`. Zod keeps a message and nothing else with most of its issues.
 */
export function schemaError<K extends TextKey>(...parts: Parameters<typeof text<K>>): string {
  const one = text(...parts);
  const message = inEnglish(one);
  ofSchemas.set(message, one);
  return message;
}

/** The text of a schema's check, by its English message. */
export function schemaText(message: string): Text | undefined {
  return ofSchemas.get(message);
}
