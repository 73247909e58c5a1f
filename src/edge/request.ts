import { PurgeError } from "./purge-error.ts";

/** A provider that takes longer is asked again. Units: milliseconds. */
const TIMEOUT_MS = 2_000;
const SHOWN_LENGTH_MAX = 200;

/** Sends a purge and gives the text of the answer. Errors: PurgeError for any status but 2xx; those of `fetch`. */
export async function sendPurge(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const body = await response.text();
  if (response.ok) return body;
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new PurgeError(
    `${new URL(url).host} answered ${response.status}: ${body.slice(0, SHOWN_LENGTH_MAX)}`,
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}
