import type { IncomingMessage, ServerResponse } from "node:http";
import type { Cache } from "../cache/cache.ts";
import type { HotAnswer, HotProcedure } from "../cache/hot-answer.ts";
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

const commonHeaders: readonly string[] = [
  "content-type",
  "application/json",
  ...SECURITY_HEADERS.flat(),
  "vary",
  VARY,
  "x-cache",
  "HIT",
];

/** One request, taken apart. */
interface HotRequest {
  readonly paths: readonly string[];
  readonly isBatch: boolean;
  readonly input: unknown;
}

/** Takes a URL apart as tRPC does, or gives undefined for anything out of the ordinary. */
function readRequest(url: string, batchMax: number): HotRequest | undefined {
  const queryAt = url.indexOf("?");
  const path = queryAt === -1 ? url.slice(PREFIX.length) : url.slice(PREFIX.length, queryAt);
  if (path.includes("%")) return undefined;
  let isBatch = false;
  let input: unknown;
  if (queryAt !== -1) {
    for (const parameter of url.slice(queryAt + 1).split("&")) {
      if (parameter === "batch=1") isBatch = true;
      else if (parameter.startsWith("input=") && input === undefined && !parameter.includes("+")) {
        try {
          input = JSON.parse(decodeURIComponent(parameter.slice(6)));
        } catch {
          return undefined;
        }
      } else return undefined;
    }
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

  function answersTo({ paths, isBatch, input }: HotRequest): HotAnswer[] | undefined {
    const nowMs = options.nowMs();
    const answers: HotAnswer[] = [];
    for (let place = 0; place < paths.length; place += 1) {
      const procedure = procedures.get(paths[place] ?? "");
      if (procedure === undefined) return undefined;
      const own = isBatch ? inputAt(input, place) : input;
      const answer = procedure.answer(cache, own, nowMs);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  return (request, response) => {
    const { url = "" } = request;
    if (!url.startsWith(PREFIX) || !isPlain(request)) return false;
    const beganAt = performance.now();
    const hot = readRequest(url, batchMax);
    if (hot === undefined) return false;
    const answers = answersTo(hot);
    if (answers === undefined) return false;
    const admission = options.admit(request, hot.paths);
    if (admission === undefined) return false;
    send(request, response, bodyOf(answers, hot.isBatch), answers, admission);
    const seconds = (performance.now() - beganAt) / 1000;
    for (const path of hot.paths) options.onAnswer(path, seconds);
    return true;
  };
}

function inputAt(inputs: unknown, place: number): unknown {
  return typeof inputs === "object" && inputs !== null
    ? (inputs as Readonly<Record<string, unknown>>)[place]
    : undefined;
}

/** The body: the one result itself, so that what is kept of it serves again, or the batch's array. */
function bodyOf(answers: readonly HotAnswer[], isBatch: boolean): Buffer {
  const [first] = answers;
  if (first !== undefined && !isBatch) return first.result;
  return Buffer.concat([
    ...answers.flatMap(({ result }, place) => [place === 0 ? BATCH_START : BATCH_NEXT, result]),
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
