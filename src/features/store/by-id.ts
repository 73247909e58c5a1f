import { AppError, inputError } from "../../errors.ts";
import { text } from "../../texts/text.ts";
import {
  cachedQuery,
  edgeSecondsUntil,
  failingCall,
  type FastCall,
  inNoLanguage,
  sharedAnswer,
} from "../../trpc/fast-query.ts";
import { languagesOf, NO_LANGUAGES, tagOfName } from "../../trpc/languages.ts";
import { openingOf, openingVariant, storeDetail } from "./detail.ts";
import { storePolicy } from "./policies.ts";
import { ByIdInput, StoreDetail } from "./schemas.ts";

/** `store.byId` from the store's entry and its hours. */
export const byId = cachedQuery({
  input: ByIdInput,
  policy: storePolicy,
  isRepeated: true,
  parameters: ({ id }) => ({ id: id.toLowerCase() }),
  answer: (row, { input: { locale }, etag, nowMs, languages: accepted }) => {
    if (row === null) return noSuchStore();
    const opening = openingOf(row, nowMs);
    const languages = languagesOf(locale, accepted);
    // One answer for each name that it has, not for each list of languages.
    const tag = tagOfName(row.names, languages) ?? "";
    const made = sharedAnswer(row, etag, openingVariant(opening) + tag, () =>
      StoreDetail.parse(storeDetail(row, opening, tag === "" ? NO_LANGUAGES : languages)),
    );
    return { ...made, edgeSeconds: edgeSecondsUntil(opening.untilMs, nowMs) };
  },
});

/**
 * A store's page as phones and the edge keep it: `store.byId` in no language, with all names, until its opening state
 * changes.
 * Errors, of the answer: BAD_REQUEST (no UUID), NOT_FOUND, SERVICE_UNAVAILABLE.
 */
export function storeCall(id: string): FastCall {
  const call = byId.parse({ id });
  return call === undefined ? failingCall(inputError("id", text("form_uuid"))) : inNoLanguage(call);
}

export function noSuchStore(): AppError {
  return new AppError("NOT_FOUND", text("no_store"));
}
