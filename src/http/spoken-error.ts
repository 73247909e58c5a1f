import { inLanguage, type Text } from "../texts/text.ts";
import { readLanguages } from "./accept-language.ts";
import { PRIVATE_CACHE_CONTROL, VARY_BY_LANGUAGE } from "./headers.ts";

/** Writes an error's text in the caller's language, with the headers of an answer that has it. */
export function spokenError(acceptLanguage: string | undefined, one: Text) {
  const { language } = readLanguages(acceptLanguage);
  const headers = {
    "cache-control": PRIVATE_CACHE_CONTROL,
    "content-language": language,
    vary: VARY_BY_LANGUAGE,
  };
  return { message: inLanguage(one, language), headers };
}
