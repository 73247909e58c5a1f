import type { IncomingMessage } from "node:http";
import type { HotProcedure, HotQuestion } from "../trpc/hot-answer.ts";
import { isPlainHost } from "./plain-host.ts";

const PREFIX = "/trpc/";
const REMEMBERED_MAX = 4_096;
const REMEMBERED_LENGTH_MAX = 512;

/** A URL, taken apart as tRPC does. */
interface HotUrl {
  readonly paths: readonly string[];
  readonly isBatch: boolean;
  readonly input: unknown;
}

/** A request whose every call is understood. */
export interface HotRequest {
  readonly paths: readonly string[];
  readonly isBatch: boolean;
  readonly questions: readonly HotQuestion[];
}

/** Gives undefined for anything out of the ordinary. */
function readUrl(url: string, batchMax: number): HotUrl | undefined {
  // What follows it is no part of what is asked.
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
  if (isBatch && input !== undefined && !isObject(input)) return undefined;
  const paths = isBatch ? path.split(",") : [path];
  return paths.length > batchMax ? undefined : { paths, isBatch, input };
}

/** Whether it is what the inputs of a batch come in. */
function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

/** Whether a request is one that tRPC would read as plain JSON over GET without a body, from no browser. */
function isPlain(request: IncomingMessage): boolean {
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

function inputOf(url: HotUrl | undefined, place: number): unknown {
  if (url?.isBatch !== true) return url?.input;
  return isObject(url.input) ? url.input[place] : undefined;
}

/** Understands requests; those that come again and again only once. */
export class HotRequestReader {
  readonly #procedures: ReadonlyMap<string, HotProcedure>;
  readonly #batchMax: number;
  readonly #remembered = new Map<string, HotRequest>();

  constructor(procedures: readonly HotProcedure[], batchMax: number) {
    this.#procedures = new Map(procedures.map((procedure) => [procedure.path, procedure]));
    this.#batchMax = batchMax;
  }

  /** Undefined when a request is out of the ordinary, or any of its calls is. */
  read(request: IncomingMessage): HotRequest | undefined {
    const { url = "" } = request;
    if (!url.startsWith(PREFIX) || !isPlain(request)) return undefined;
    return this.#remembered.get(url) ?? this.#understand(url);
  }

  /** The inputs of a request's calls, unchecked. */
  inputsOf({ url = "" }: IncomingMessage): readonly unknown[] {
    const hot = readUrl(url, this.#batchMax);
    return (hot?.paths ?? []).map((_, place) => inputOf(hot, place));
  }

  #understand(url: string): HotRequest | undefined {
    const hot = readUrl(url, this.#batchMax);
    if (hot === undefined) return undefined;
    const { paths, isBatch } = hot;
    const questions: HotQuestion[] = [];
    let recurs = url.length <= REMEMBERED_LENGTH_MAX;
    for (let place = 0; place < paths.length; place += 1) {
      const procedure = this.#procedures.get(paths[place] ?? "");
      const question = procedure?.understand(inputOf(hot, place));
      if (procedure === undefined || question === undefined) return undefined;
      recurs &&= procedure.recurs;
      questions.push(question);
    }
    const request = { paths, isBatch, questions };
    if (recurs) {
      if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
      this.#remembered.set(url, request);
    }
    return request;
  }
}
