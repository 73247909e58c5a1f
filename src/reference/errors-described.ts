import type { ErrorReason } from "../error-reasons.ts";

/** The facts about a reason that a program can rely on. */
export interface DescribedReason {
  readonly httpStatus: number;
  /** When it is given, and what the app does then. */
  readonly meaning: string;
}

/** Every reason of an error, as the reference tells it. */
export const DESCRIBED_REASONS: Readonly<Record<ErrorReason, DescribedReason>> = {
  malformed_request: {
    httpStatus: 400,
    meaning: "the request or its JSON cannot be read. A fault of the app.",
  },
  invalid_input: {
    httpStatus: 400,
    meaning:
      "a field is missing, of the wrong type or out of its range. `issues` names each. A fault of the app, or of what the user typed.",
  },
  unknown_input: {
    httpStatus: 400,
    meaning:
      "a field that the procedure does not have, such as a misspelt filter. `issues` names each. A fault of the app.",
  },
  barcode_check_digit: {
    httpStatus: 400,
    meaning: "the check digit of a barcode is wrong. Let the user scan again.",
  },
  barcode_unreadable: { httpStatus: 400, meaning: "this is no barcode. Let the user scan again." },
  e_number_unreadable: {
    httpStatus: 400,
    meaning: "this is no E-number. Let the user correct it.",
  },
  cursor_invalid: {
    httpStatus: 400,
    meaning: "the cursor is another list's, or another question's. Begin at the first page.",
  },
  batch_too_long: {
    httpStatus: 400,
    meaning: "a request has more than 30 calls. Set `maxItems: 30` at `httpBatchLink`.",
  },
  body_too_large: { httpStatus: 413, meaning: "the body has more than 64 KiB. Send less at once." },
  method_not_supported: {
    httpStatus: 405,
    meaning:
      "a mutation by GET, or a query by a wrong method. The header `Allow` has the right one.",
  },
  no_procedure: {
    httpStatus: 404,
    meaning: "there is no procedure of this name. A fault of the app, or an app that is too old.",
  },
  not_found: { httpStatus: 404, meaning: "there is no such row, or it is shown no longer." },
  conflict: {
    httpStatus: 409,
    meaning: "what is there already does not agree with the call; the procedure says when.",
  },
  token_missing: {
    httpStatus: 401,
    meaning: "the procedure needs a token (`reports` also takes a guest's). Offer to sign in.",
  },
  token_expired: {
    httpStatus: 401,
    meaning:
      "the token was good. Refresh it and repeat the call. Public procedures answer so, too.",
  },
  token_invalid: {
    httpStatus: 401,
    meaning:
      "the token is not accepted: sign in again. Public procedures answer so, too. Of `reports` without `Authorization`, it is the `guestToken` that is not accepted: fetch another.",
  },
  not_admin: { httpStatus: 403, meaning: "the token is no administrator's." },
  origin_not_allowed: {
    httpStatus: 403,
    meaning: "a web page of this origin may not ask. Native apps do not get it.",
  },
  rate_limited: {
    httpStatus: 429,
    meaning:
      "too many calls in a minute, or too many reports in a day. Repeat after `retryAfterSeconds`.",
  },
  call_alone: {
    httpStatus: 413,
    meaning: "the answer is too long to be one of several. Send the call in a request of its own.",
  },
  too_many_scans: {
    httpStatus: 429,
    meaning: "5,000 new scans in 24 hours. Keep the scan and send it after `retryAfterSeconds`.",
  },
  too_many_favorites: {
    httpStatus: 429,
    meaning: "10,000 favourites. The user must remove some; waiting does not help.",
  },
  overloaded: {
    httpStatus: 503,
    meaning: "too much to do at this moment. Repeat after `retryAfterSeconds`.",
  },
  unavailable: {
    httpStatus: 503,
    meaning:
      "a part that the answer needs is away. Repeat after `retryAfterSeconds`, or after some seconds if it is not given.",
  },
  internal: {
    httpStatus: 500,
    meaning: "a fault of the server. Show `requestId`, by which its log can be searched.",
  },
};
