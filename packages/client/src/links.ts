import { httpBatchLink, httpLink, splitLink, type TRPCLink } from "@trpc/client";
import type { AppRouter } from "./app-router.ts";
import { fetchJsonWithin, type FetchLike } from "./fetch.ts";
import { retryAfterLink } from "./retry-after.ts";
import { type TokenSource, tokenRefreshLink } from "./token.ts";

/** Calls of one request at most; the server accepts no more. */
export const BATCH_MAX = 30;
/** A longer address is not accepted by every proxy; such a query is sent by POST. Units: characters. */
export const URL_LENGTH_MAX = 2_000;
/** The part of an address that is neither the input nor the path. Units: characters. */
const URL_REST = 40;
/** Calls whose answer, or whose body, is too long to be one of several. */
const ALONE: ReadonlySet<string> = new Set(["account.export", "scans.recordMany"]);

/** The parts of the chain of links. */
export interface LinkOptions {
  /** Of the server, without `/trpc`. */
  readonly url: string;
  readonly tokens: TokenSource;
  /** Units: canonical BCP 47. */
  readonly languages: readonly string[];
  readonly fetch: FetchLike;
  readonly timeoutMs: number;
  readonly retryAfterMaxSeconds: number;
  readonly nowMs: () => number;
}

/** Makes the chain that a call goes through: `Retry-After`, token, and one of three ways to send it. */
export function createLinks(options: LinkOptions): TRPCLink<AppRouter>[] {
  const { tokens, timeoutMs, nowMs } = options;
  const url = `${options.url}/trpc`;
  const common = { url, fetch: fetchJsonWithin(options.fetch, timeoutMs) };
  const accepted =
    options.languages.length === 0 ? {} : { "accept-language": options.languages.join(", ") };
  const headersOf = async (calls: Parameters<TokenSource["headers"]>[0]) => ({
    ...accepted,
    ...(await tokens.headers(calls)),
  });
  const one = httpLink({ ...common, headers: ({ op }) => headersOf([op]) });
  const isLong = (op: { readonly path: string; readonly input: unknown }) =>
    url.length + op.path.length + URL_REST + encodedLength(op.input) > URL_LENGTH_MAX;
  return [
    retryAfterLink({ maxSeconds: options.retryAfterMaxSeconds, nowMs }),
    tokenRefreshLink(tokens),
    splitLink({
      condition: (op) => op.type === "query" && isLong(op),
      true: httpLink({
        ...common,
        methodOverride: "POST",
        headers: ({ op }) => headersOf([op]),
      }),
      false: splitLink({
        condition: ({ path }) => ALONE.has(path),
        true: one,
        false: httpBatchLink({
          ...common,
          maxItems: BATCH_MAX,
          maxURLLength: URL_LENGTH_MAX,
          headers: ({ opList }) => headersOf(opList),
        }),
      }),
    }),
  ];
}

function encodedLength(input: unknown): number {
  return input === undefined ? 0 : encodeURIComponent(JSON.stringify(input)).length;
}
