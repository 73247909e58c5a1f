/** The part of a response that the client reads. */
export interface FetchedResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** The part of `fetch` that the client uses; the global one, Expo's and React Native's all have it. */
export type FetchLike = (
  url: string,
  init?: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  },
) => Promise<FetchedResponse>;

/** An answer that no procedure gave, such as a proxy's page. */
export class HttpError extends Error {
  readonly status: number;
  /** Seconds that the answer asks to wait; undefined when it does not say. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, retryAfter: string | null) {
    super(`HTTP ${status}, and no JSON`);
    this.name = "HttpError";
    this.status = status;
    this.retryAfterSeconds = readRetryAfter(retryAfter, Date.now());
  }
}

/**
 * Reads `Retry-After`. Units: seconds; Unix milliseconds.
 * Source: RFC 9110, section 10.2.3: seconds, or a date.
 */
export function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, (atMs - nowMs) / 1000);
}

/** The options that tRPC's links pass to `fetch`. */
interface LinkRequest {
  readonly method?: string | undefined;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * Makes the `fetch` of tRPC's links: an answer, body included, comes within a time, or the call fails.
 * A phone that is connected to nothing would else wait for a minute. Units: milliseconds.
 * Errors: HttpError for an answer that is not JSON; those of `fetch`.
 */
export function fetchJsonWithin(fetchLike: FetchLike, timeoutMs: number) {
  return async (url: string | { toString(): string }, init: LinkRequest = {}) => {
    const { response, text } = await fetchTextWithin(fetchLike, timeoutMs, url.toString(), {
      ...(init.method === undefined ? {} : { method: init.method }),
      headers: (init.headers ?? {}) as Record<string, string>,
      ...(typeof init.body === "string" ? { body: init.body } : {}),
      signal: init.signal ?? null,
    });
    const { ok, status, headers } = response;
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      throw new HttpError(status, headers.get("retry-after"));
    }
    return { ok, status, headers, json: () => Promise.resolve(body) };
  };
}

/** Fetches a text; ends with an error after a time, or when `signal` says so. Units: milliseconds. */
export async function fetchTextWithin(
  fetchLike: FetchLike,
  timeoutMs: number,
  url: string,
  init: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly signal: AbortSignal | null;
  },
): Promise<{ readonly response: FetchedResponse; readonly text: string }> {
  const { signal, ...rest } = init;
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  const timer = setTimeout(abort, timeoutMs);
  try {
    const response = await fetchLike(url, { ...rest, signal: controller.signal });
    return { response, text: await response.text() };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
