import type { IncomingMessage } from "node:http";
import { TRPCError } from "@trpc/server";
import { RecentMap } from "../../recent-map.ts";
import type { ProcedureTable } from "../../trpc/procedure-table.ts";
import { BATCH_MAX, type Call, type Inputs, localeOf, type ParsedRequest } from "./calls.ts";
import { isPlainHost } from "./plain-host.ts";

const ENDPOINT = "trpc";
const PREFIX = `/${ENDPOINT}/`;
const REMEMBERED_MAX = 4_096;
const REMEMBERED_LENGTH_MAX = 512;

/** A URL in the form that clients send, taken apart as tRPC does. */
interface PlainUrl {
  readonly paths: readonly string[];
  readonly isBatch: boolean;
  readonly input: unknown;
}

/** Whether a request is a GET without a body that needs neither Hono nor tRPC's own handler. */
function isSimple(request: IncomingMessage): boolean {
  const { method, headers } = request;
  return (
    method === "GET" &&
    headers.origin === undefined &&
    headers["trpc-accept"] === undefined &&
    headers.accept?.includes("application/jsonl") !== true &&
    headers["content-length"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    isPlainHost(headers.host) &&
    (headers["content-type"] === undefined || headers["content-type"] === "application/json")
  );
}

/** Returns undefined for a URL in any unusual form. */
function readPlainUrl(url: string): PlainUrl | undefined {
  // A fragment is not part of the request.
  if (url.includes("#")) return undefined;
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
  return paths.length > BATCH_MAX ? undefined : { paths, isBatch, input };
}

/** Whether a value is what the inputs of a batch come in. */
function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

/** Gives each call its input. */
function inputsOf(input: unknown, isBatch: boolean, calls: number): Inputs {
  if (!isBatch || input === undefined) return { values: [input] };
  if (isObject(input)) {
    const values: unknown[] = [];
    for (let i = 0; i < calls; i += 1) values.push(input[i]);
    return { values };
  }
  const message = '"input" needs to be an object when doing a batch call';
  return { error: new TRPCError({ code: "BAD_REQUEST", message }) };
}

/** Reads the inputs of a request's calls from their JSON; an empty text has none. */
export function readInputs(text: string, isBatch: boolean, calls: number): Inputs {
  if (text === "") return { values: [] };
  try {
    return inputsOf(JSON.parse(text), isBatch, calls);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "Invalid input";
    return { error: new TRPCError({ code: "BAD_REQUEST", message, cause }) };
  }
}

/** The path of the procedures in a URL, as tRPC's fetch adapter cuts it out: not yet decoded. */
export function procedurePath({ pathname }: URL): string {
  return trimSlashes(trimSlashes(pathname).slice(ENDPOINT.length));
}

function trimSlashes(path: string): string {
  const rest = path.startsWith("/") ? path.slice(1) : path;
  return rest.endsWith("/") ? rest.slice(0, -1) : rest;
}

/** The media type of a body; null without one. Source: RFC 9110, section 8.3.1 (case makes no difference). */
function mediaType(contentType: string | undefined): string | null {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? null;
}

/** Whether tRPC reads a request as JSON and answers it whole: a query by GET or a mutation by POST. */
function isPlainJson({ method, headers }: IncomingMessage): boolean {
  const { accept } = headers;
  const isStream =
    headers["trpc-accept"] !== undefined ||
    accept?.split(",").some((one) => one.trim() === "application/jsonl") === true;
  if (isStream) return false;
  const type = mediaType(headers["content-type"]);
  if (method === "POST") return type === "application/json";
  return method === "GET" && type !== "multipart/form-data" && type !== "application/octet-stream";
}

/** Finds the calls of a request and what fast queries make of their inputs. */
export class RequestParser {
  readonly #procedures: ProcedureTable;
  readonly #remembered = new RecentMap<string, ParsedRequest>(REMEMBERED_MAX);

  constructor(procedures: ProcedureTable) {
    this.#procedures = procedures;
  }

  /** Parses a plain request for queries that exist, repeated ones only once; undefined for any other. */
  parsePlain(request: IncomingMessage): ParsedRequest | undefined {
    const { url = "" } = request;
    if (!url.startsWith(PREFIX) || !isSimple(request)) return undefined;
    return this.#remembered.get(url) ?? this.#parseQueries(url);
  }

  /** Parses any request for `/trpc/*`, as tRPC does. */
  parse(request: IncomingMessage, url: URL): ParsedRequest {
    const isBatch = url.searchParams.get("batch") === "1";
    let path = procedurePath(url);
    let isWellFormed = true;
    try {
      path = decodeURIComponent(path);
    } catch {
      isWellFormed = false;
    }
    const paths = isBatch ? path.split(",") : [path];
    const types = new Set(paths.flatMap((one) => this.#procedures.get(one)?.type ?? []));
    const isForTrpc =
      !isWellFormed ||
      !isPlainJson(request) ||
      types.size > 1 ||
      types.has("subscription") ||
      url.searchParams.has("connectionParams");
    const inputs =
      request.method === "GET"
        ? readInputs(url.searchParams.get("input") ?? "", isBatch, paths.length)
        : null;
    const isForFast = !isForTrpc && paths.length <= BATCH_MAX;
    const calls = paths.map((one, i) => this.#call(one, isForFast ? inputs : null, i));
    return { calls, isBatch, inputs, locale: localeOf(inputs), isForTrpc, bare: null };
  }

  #parseQueries(url: string): ParsedRequest | undefined {
    const plain = readPlainUrl(url);
    if (plain === undefined) return undefined;
    const { paths, isBatch } = plain;
    const inputs = inputsOf(plain.input, isBatch, paths.length);
    let isRepeated = url.length <= REMEMBERED_LENGTH_MAX;
    const calls: Call[] = [];
    for (let i = 0; i < paths.length; i += 1) {
      const call = this.#call(paths[i] ?? "", inputs, i);
      if (call.procedure?.type !== "query") return undefined;
      isRepeated &&= call.fast !== null && call.procedure.fast?.isRepeated === true;
      calls.push(call);
    }
    const parsed = {
      calls,
      isBatch,
      inputs,
      locale: localeOf(inputs),
      isForTrpc: false,
      bare: null,
    };
    if (isRepeated) this.#remembered.set(url, parsed);
    return parsed;
  }

  #call(path: string, inputs: Inputs | null, place: number): Call {
    const procedure = this.#procedures.get(path) ?? null;
    const fast =
      procedure === null || procedure.fast === null || inputs === null || "error" in inputs
        ? null
        : (procedure.fast.parse(inputs.values[place]) ?? null);
    return { path, procedure, fast };
  }
}
