import type { IncomingMessage, ServerResponse } from "node:http";
import type { CacheState } from "../cache/policy.ts";
import type { HotAnswer } from "../trpc/hot-answer.ts";
import { type Admission, rateLimitHeaders } from "./admission.ts";
import { chooseCoding, type ContentCoding, encodeBody, isWorthCoding } from "./compression.ts";
import {
  entityTag,
  matchesEntityTag,
  PRIVATE_CACHE_CONTROL,
  PUBLIC_CACHE_CONTROL,
  SECURITY_HEADERS,
  VARY,
} from "./headers.ts";
import type { Refusal } from "./load-shedding.ts";

const BATCH_START = Buffer.from("[");
const BATCH_NEXT = Buffer.from(",");
const BATCH_END = Buffer.from("]");

const allHeaders: readonly string[] = [
  "content-type",
  "application/json",
  ...SECURITY_HEADERS.flat(),
];
const answerHeaders: readonly string[] = [...allHeaders, "vary", VARY];

/** The body: of one call as it lies ready, so that what is kept of it serves again. */
function bodyOf(answers: readonly HotAnswer[], isBatch: boolean): Buffer {
  const [first] = answers;
  if (first !== undefined && answers.length === 1)
    return isBatch ? first.bytes.batchOfOne : first.bytes.result;
  return Buffer.concat([
    ...answers.flatMap(({ bytes }, place) => [
      place === 0 ? BATCH_START : BATCH_NEXT,
      bytes.result,
    ]),
    BATCH_END,
  ]);
}

/** What an answer is made of. */
export interface Sent {
  readonly answers: readonly HotAnswer[];
  readonly isBatch: boolean;
  readonly admission: Admission;
  readonly requestId: string;
  readonly state: CacheState;
  readonly isDraining: boolean;
}

/** Sends what was found, or that the caller has it already. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { answers, isBatch, admission, requestId, state, isDraining }: Sent,
): void {
  const coding = chooseCoding(request.headers["accept-encoding"]);
  const text = textOf(answers, isBatch, coding);
  const body = text === "" ? bodyOf(answers, isBatch) : null;
  const encoded = coding === null || body === null ? null : encodeBody(body, coding);
  const headers = [
    ...answerHeaders,
    "x-cache",
    state,
    "x-request-id",
    requestId,
    ...rateLimitHeaders(admission.verdict),
  ];
  if (isDraining) headers.push("connection", "close");
  if (encoded !== null && coding !== null) headers.push("content-encoding", coding);
  let status = 200;
  const isPublic =
    request.headers.authorization === undefined &&
    state !== "STALE" &&
    answers.every(({ cacheName }) => cacheName !== null);
  if (isPublic) {
    const tag = entityTag(answers, encoded === null ? null : coding);
    headers.push("cache-control", PUBLIC_CACHE_CONTROL, "etag", tag);
    if (matchesEntityTag(request.headers["if-none-match"], tag)) status = 304;
  } else headers.push("cache-control", PRIVATE_CACHE_CONTROL);
  if (status === 304) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const content = encoded ?? body ?? text;
  headers.push("content-length", String(content.length));
  response.writeHead(200, headers);
  if (typeof content === "string") response.end(content, "latin1");
  else response.end(content);
}

/** The same body as text where that is kept and goes out as it is, else an empty one. */
function textOf(
  [first, ...others]: readonly HotAnswer[],
  isBatch: boolean,
  coding: ContentCoding | null,
): string {
  if (first?.isShared !== true || others.length > 0) return "";
  if (coding !== null && isWorthCoding(first.bytes.byteLength)) return "";
  return isBatch ? first.bytes.batchText : first.bytes.resultText;
}

/** Sends that it is too much. */
export function sendRefusal(
  response: ServerResponse,
  { body, retryAfterSeconds }: Refusal,
  requestId: string,
): void {
  response.writeHead(503, [
    ...allHeaders,
    "x-request-id",
    requestId,
    "cache-control",
    PRIVATE_CACHE_CONTROL,
    "retry-after",
    String(retryAfterSeconds),
    "content-length",
    String(Buffer.byteLength(body)),
  ]);
  response.end(body);
}
