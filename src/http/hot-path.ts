import type { IncomingMessage, ServerResponse } from "node:http";
import type { Cache } from "../cache/cache.ts";
import type { HotAnswer, HotCall, HotProcedure } from "../cache/hot-answer.ts";
import { chooseCoding, encodeBody } from "./compression.ts";
import {
  entityTag,
  matchesEntityTag,
  PRIVATE_CACHE_CONTROL,
  PUBLIC_CACHE_CONTROL,
  requestIdFrom,
  SECURITY_HEADERS,
  VARY,
} from "./headers.ts";

/** Answers a request at once and says so, or leaves it alone. */
export type HotPath = (request: IncomingMessage, response: ServerResponse) => boolean;

/** What the composition decides about a request; `headers` are added to the answer. */
export interface Admission {
  readonly headers: readonly string[];
}

/** What the hot path stands on. */
export interface HotPathOptions {
  readonly procedures: readonly HotProcedure[];
  readonly cache: Cache;
  readonly batchMax: number;
  readonly nowMs: () => number;
  /** Counts the calls against the caller's limit; undefined when the request needs more than a glance. */
  readonly admit: (
    request: IncomingMessage,
    procedures: readonly string[],
  ) => Admission | undefined;
  /** Told of each call that was answered here. Units: seconds. */
  readonly onAnswer: (path: string, seconds: number) => void;
}

const PREFIX = "/trpc/";
const BATCH_START = Buffer.from("[");
const BATCH_NEXT = Buffer.from(",");
const BATCH_END = Buffer.from("]");
const REMEMBERED_MAX = 4_096;
const REMEMBERED_LENGTH_MAX = 512;

const commonHeaders: readonly string[] = [
  "content-type",
  "application/json",
  ...SECURITY_HEADERS.flat(),
  "vary",
  VARY,
  "x-cache",
  "HIT",
];

/** A URL, taken apart as tRPC does. */
interface HotUrl {
  readonly paths: readonly string[];
  readonly isBatch: boolean;
  readonly input: unknown;
}

/** A request whose every call is understood. */
interface HotRequest {
  readonly paths: readonly string[];
  readonly isBatch: boolean;
  readonly calls: readonly HotCall[];
}

/** Gives undefined for anything out of the ordinary. */
function readUrl(url: string, batchMax: number): HotUrl | undefined {
  const queryAt = url.indexOf("?");
  const path = queryAt === -1 ? url.slice(PREFIX.length) : url.slice(PREFIX.length, queryAt);
  if (path.includes("%")) return undefined;
  let isBatch = false;
  let input: unknown;
  for (let start = queryAt + 1; start > 0;) {
    const next = url.indexOf("&", start);
    const end = next === -1 ? url.length : next;
    if (url.startsWith("input=", start) && input === undefined) {
      const text = url.slice(start + 6, end);
      if (text.includes("+")) return undefined;
      try {
        input = JSON.parse(decodeURIComponent(text));
      } catch {
        return undefined;
      }
    } else if (end - start === 7 && url.startsWith("batch=1", start)) isBatch = true;
    else return undefined;
    start = next + 1;
  }
  const paths = isBatch ? path.split(",") : [path];
  return paths.length > batchMax ? undefined : { paths, isBatch, input };
}

/** Whether a request is one that tRPC would read as plain JSON over GET, from no browser. */
function isPlain(request: IncomingMessage): boolean {
  const { method, headers } = request;
  return (
    method === "GET" &&
    headers.origin === undefined &&
    headers["trpc-accept"] === undefined &&
    (headers["content-type"] === undefined || headers["content-type"] === "application/json")
  );
}

/**
 * Makes the short way for hits: from the URL to the bytes with nothing between that a hit does not need.
 * Whatever is not at hand, or out of the ordinary, goes the long way through tRPC, which gives the same bytes.
 */
export function createHotPath(options: HotPathOptions): HotPath {
  const { cache, batchMax } = options;
  const procedures = new Map(options.procedures.map((procedure) => [procedure.path, procedure]));
  const remembered = new Map<string, HotRequest>();

  function understand(url: string): HotRequest | undefined {
    const hot = readUrl(url, batchMax);
    if (hot === undefined) return undefined;
    const { paths, isBatch, input } = hot;
    const calls: HotCall[] = [];
    let recurs = url.length <= REMEMBERED_LENGTH_MAX;
    for (let place = 0; place < paths.length; place += 1) {
      const procedure = procedures.get(paths[place] ?? "");
      const call = procedure?.understand(isBatch ? inputAt(input, place) : input);
      if (procedure === undefined || call === undefined) return undefined;
      recurs &&= procedure.recurs;
      calls.push(call);
    }
    const request = { paths, isBatch, calls };
    if (recurs) {
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      remembered.set(url, request);
    }
    return request;
  }

  function answersTo({ calls }: HotRequest): HotAnswer[] | undefined {
    const nowMs = options.nowMs();
    const answers: HotAnswer[] = [];
    for (const call of calls) {
      const answer = call(cache, nowMs);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  return (request, response) => {
    const { url = "" } = request;
    if (!url.startsWith(PREFIX) || !isPlain(request)) return false;
    const beganAt = performance.now();
    const hot = remembered.get(url) ?? understand(url);
    if (hot === undefined) return false;
    const answers = answersTo(hot);
    if (answers === undefined) return false;
    const admission = options.admit(request, hot.paths);
    if (admission === undefined) return false;
    send(request, response, bodyOf(answers, hot.isBatch), answers, admission);
    const seconds = (performance.now() - beganAt) / 1000;
    for (const { cacheName } of answers) cache.answered(cacheName);
    for (const path of hot.paths) options.onAnswer(path, seconds);
    return true;
  };
}

function inputAt(inputs: unknown, place: number): unknown {
  return typeof inputs === "object" && inputs !== null
    ? (inputs as Readonly<Record<string, unknown>>)[place]
    : undefined;
}

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

function send(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  answers: readonly HotAnswer[],
  admission: Admission,
): void {
  const coding = chooseCoding(request.headers["accept-encoding"]);
  const encoded = coding === null ? null : encodeBody(body, coding);
  const requestId = request.headers["x-request-id"];
  const headers = [
    ...commonHeaders,
    "x-request-id",
    requestIdFrom(typeof requestId === "string" ? requestId : undefined),
    ...admission.headers,
  ];
  if (encoded !== null && coding !== null) headers.push("content-encoding", coding);
  let status = 200;
  if (request.headers.authorization === undefined) {
    const tag = entityTag(answers, encoded === null ? null : coding);
    headers.push("cache-control", PUBLIC_CACHE_CONTROL, "etag", tag);
    if (matchesEntityTag(request.headers["if-none-match"], tag)) status = 304;
  } else headers.push("cache-control", PRIVATE_CACHE_CONTROL);
  if (status === 304) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const content = encoded ?? body;
  headers.push("content-length", String(content.length));
  response.writeHead(200, headers);
  response.end(content);
}
