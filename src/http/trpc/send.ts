import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Language } from "../../texts/language.ts";
import type { ResultBytes } from "../../trpc/result-bytes.ts";
import { chooseCoding, type ContentCoding, encodeBody, isWorthCoding } from "../compression.ts";
import {
  edgeHeaders,
  entityTag,
  matchesEntityTag,
  PRIVATE_CACHE_CONTROL,
  PUBLIC_CACHE_CONTROL,
  SECURITY_HEADERS,
  VARY,
  VARY_AT_EDGE,
  VARY_BY_LANGUAGE,
} from "../headers.ts";
import type { ParsedRequest } from "./calls.ts";
import { deprecationHeaders } from "./deprecation-headers.ts";
import type { Exchange } from "./exchange.ts";

const BATCH_START = Buffer.from("[");
const BATCH_NEXT = Buffer.from(",");
const BATCH_END = Buffer.from("]");

const commonHeaders: readonly string[] = [
  "content-type",
  "application/json",
  ...SECURITY_HEADERS.flat(),
];

const NEUTRAL_HEADERS: readonly string[] = ["vary", VARY];
const spokenHeaders = (language: Language) =>
  ["vary", VARY_BY_LANGUAGE, "content-language", language] as const;
const SPOKEN_HEADERS: Readonly<Record<Language, readonly string[]>> = {
  en: spokenHeaders("en"),
  fr: spokenHeaders("fr"),
  ar: spokenHeaders("ar"),
};

/** One call's part of an answer. */
export interface SentResult {
  readonly bytes: ResultBytes;
  /** Whether the same bytes serve other callers too, so that their text is worth keeping. */
  readonly isShared: boolean;
  /** For how long an edge may keep it where that is not as long as any. Units: seconds. */
  readonly edgeSeconds?: number | undefined;
}

/** An answer to all calls of a request. */
export interface Reply {
  readonly status: number;
  readonly results: readonly SentResult[];
  readonly isBatch: boolean;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** The parts' tags when everybody may store the answer; null when nobody may. */
  readonly parts: readonly { readonly etag: string }[] | null;
  readonly isDraining: boolean;
  /** False for a bare answer that took so long that an edge would keep it past the purge after a write; true by default. */
  readonly isInTime?: boolean;
}

/** The response body of a single call without tRPC's envelope. */
function bareBodyOf([result]: readonly SentResult[]): Buffer {
  if (result === undefined) throw new Error("a bare answer has one result");
  return result.bytes.data;
}

/** The response body. A single call reuses its buffer, so that its compressed form is found again. */
function bodyOf(results: readonly SentResult[], isBatch: boolean): Buffer {
  const [first] = results;
  if (first !== undefined && results.length === 1)
    return isBatch ? first.bytes.batchOfOne : first.bytes.result;
  return Buffer.concat([
    ...results.flatMap(({ bytes }, place) => [
      place === 0 ? BATCH_START : BATCH_NEXT,
      bytes.result,
    ]),
    BATCH_END,
  ]);
}

/** The same body as text where it is made of text, or that is kept, and goes out uncompressed; else an empty one. */
function textOf(
  [first, ...others]: readonly SentResult[],
  isBatch: boolean,
  coding: ContentCoding | null,
): string {
  if (first === undefined || others.length > 0) return "";
  if (!first.isShared && !first.bytes.isText) return "";
  if (coding !== null && isWorthCoding(first.bytes.byteLength)) return "";
  return isBatch ? first.bytes.batchText : first.bytes.resultText;
}

/** Sends the answer, or 304 when the client already has it. */
export function send(
  { request, response, requestId, parsed, languages }: Exchange,
  reply: Reply,
): void {
  const { results, isBatch, parts, isInTime = true } = reply;
  const coding = chooseCoding(request.headers["accept-encoding"]);
  const bare = reply.status === 200 ? parsed.bare : null;
  const text = bare !== null ? "" : textOf(results, isBatch, coding);
  const whole = bare !== null ? bareBodyOf : bodyOf;
  const body = text === "" ? whole(results, isBatch) : null;
  const encoded = coding === null || body === null ? null : encodeBody(body, coding);
  const language = isSpoken(parsed, reply.status) ? languages.language : null;
  const headers = [...commonHeaders, "x-request-id", requestId];
  headers.push(...(bare === null ? languageHeaders(language) : ["vary", VARY_AT_EDGE]));
  headers.push(...reply.headers, ...deprecationHeaders(parsed));
  if (reply.isDraining) headers.push("connection", "close");
  if (encoded !== null && coding !== null) headers.push("content-encoding", coding);
  let { status } = reply;
  if (parts === null) headers.push("cache-control", PRIVATE_CACHE_CONTROL);
  else {
    const etag = entityTag(parts, encoded === null ? null : coding, language);
    headers.push("etag", etag);
    if (bare === null) headers.push("cache-control", PUBLIC_CACHE_CONTROL);
    else if (isInTime) headers.push(...edgeHeaders(bare.tags, results[0]?.edgeSeconds));
    else headers.push("cache-control", PRIVATE_CACHE_CONTROL);
    if (matchesEntityTag(request.headers["if-none-match"], etag)) status = 304;
  }
  if (status === 304) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const content = encoded ?? body ?? text;
  headers.push("content-length", String(content.length));
  response.writeHead(status, headers);
  if (typeof content === "string") response.end(content, "latin1");
  else response.end(content);
}

/** Whether the answer to some calls has texts or names in the caller's languages; an error always has. */
function isSpoken({ calls }: ParsedRequest, status: number): boolean {
  if (status !== 200) return true;
  for (const { procedure } of calls) if (procedure?.isByLanguage === true) return true;
  return false;
}

/** Says in which language an answer is, and on what it depends; null: in none. */
export function languageHeaders(language: Language | null): readonly string[] {
  return language === null ? NEUTRAL_HEADERS : SPOKEN_HEADERS[language];
}

/** Sends a response of tRPC's own as it comes; a client that leaves cancels it. */
export async function sendStream(
  { response, requestId, parsed, languages }: Exchange,
  stream: Response,
  headers: readonly string[],
  isDraining: boolean,
): Promise<void> {
  response.setHeader("cache-control", PRIVATE_CACHE_CONTROL);
  for (const [name, value] of stream.headers) response.setHeader(name, value);
  const own = [...SECURITY_HEADERS.flat(), "x-request-id", requestId, ...headers];
  own.push(...languageHeaders(languages.language), ...deprecationHeaders(parsed));
  if (isDraining) own.push("connection", "close");
  for (let i = 0; i + 1 < own.length; i += 2) response.setHeader(own[i] ?? "", own[i + 1] ?? "");
  response.writeHead(stream.status);
  if (stream.body === null) response.end();
  else await pipeline(Readable.fromWeb(stream.body), response);
}

/** Sends an error for the whole request, before any of its calls was resolved. Units: `body` in JSON. */
export function sendRejection(
  { response, requestId, languages }: Pick<Exchange, "response" | "requestId" | "languages">,
  rejection: {
    readonly status: number;
    readonly body: string;
    readonly headers: readonly string[];
    readonly isDraining: boolean;
  },
): void {
  response.writeHead(rejection.status, [
    ...commonHeaders,
    ...languageHeaders(languages.language),
    "x-request-id",
    requestId,
    "cache-control",
    PRIVATE_CACHE_CONTROL,
    ...rejection.headers,
    ...(rejection.isDraining ? ["connection", "close"] : []),
    "content-length",
    String(Buffer.byteLength(rejection.body)),
  ]);
  response.end(rejection.body);
}
