import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnyTRPCRouter } from "@trpc/server";
import type { CallRecord } from "../../observability/call-record.ts";
import type { Context } from "../../trpc/context.ts";
import type { Answer } from "../../trpc/fast-query.ts";
import type { ProcedureTable } from "../../trpc/procedure-table.ts";
import {
  type Admission,
  admit,
  type AdmissionParts,
  rateLimitHeaders,
  tryAdmitSync,
} from "../admission.ts";
import { readLanguages } from "../accept-language.ts";
import { readCaller } from "../caller.ts";
import { type Languages, languagesOf } from "../../trpc/languages.ts";
import { requestIdOf } from "../headers.ts";
import type { LoadShedder } from "../load-shedding.ts";
import {
  type BareCall,
  costOf,
  type Inputs,
  isTooLong,
  localeOf,
  type ParsedRequest,
} from "./calls.ts";
import type { Exchange } from "./exchange.ts";
import { isInPieces, type Pieces, resolveInPieces, sendPieces } from "./pieces.ts";
import { readBody } from "./read-body.ts";
import { BODY_MAX_BYTES, createRejections, type RejectParts } from "./reject.ts";
import { readInputs, RequestParser } from "./request-parser.ts";
import { hit, replyTo, resolveCall, type Unsent } from "./resolve.ts";
import { send, sendStream } from "./send.ts";
import { resolveByTrpc, type TrpcAnswer } from "./trpc-handler.ts";

/** Dependencies of the endpoint. */
export interface EndpointParts
  extends
    AdmissionParts,
    Omit<RejectParts, "limiter">,
    Pick<Context, "db" | "reads" | "cache" | "logger" | "now" | "lookUp" | "analyse"> {
  readonly router: AnyTRPCRouter;
  readonly procedures: ProcedureTable;
  readonly shedder: LoadShedder;
}

/** Answers requests for `/trpc/*`. */
export interface TrpcEndpoint {
  /** Answers a plain request for queries, past Hono; returns false for any other, which is left alone. */
  tryPlain(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers any request, for Hono. */
  handle(request: IncomingMessage, response: ServerResponse, web: Request): Promise<void>;
  /**
   * Answers a public call at an address of its own with the bare data. No token is read, because an app whose token is
   * not accepted any more has to be answered, too; but then nobody may store the answer.
   */
  handleBare(call: BareCall, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * An edge may keep no answer that took longer, unless memory still has it then: it is purged once more when every instance knows of a write and this has
 * passed, which is the last time that an old answer can arrive in time for everybody. Units: milliseconds.
 */
const EDGE_ANSWER_MAX_MS = 300;

/** The answers of a request's calls that memory had. */
type Peeked = readonly (Answer | undefined)[];

/**
 * Creates the endpoint, the one path of every call: parse → shed → admit → resolve each call → send. A request that
 * memory answers whole is sent synchronously and is not shed, because it costs less than waiting in a queue. Everything
 * else is shed before its token is checked, because a rejection has to cost less than the work it saves.
 */
export function createTrpcEndpoint(parts: EndpointParts): TrpcEndpoint {
  const { cache, now, shedder, observer, limiter, isDraining } = parts;
  const parser = new RequestParser(parts.procedures);
  const reject = createRejections(parts);
  const costFor = ({ parsed }: Exchange) => costOf(parsed, limiter.limitPerMinute);

  function peek({ parsed, languages }: Exchange): Peeked {
    const nowMs = now().getTime();
    return parsed.calls.map(({ fast }) => fast?.peek(cache, nowMs, languages));
  }

  /** Sends the answer at once when memory has all of it and the caller is known; returns false otherwise. */
  function trySendHits(exchange: Exchange, peeked: Peeked, beganAt: number): boolean {
    const { isBatch, calls } = exchange.parsed;
    if (!isWhole(peeked) || exchange.request.headers["content-length"] !== undefined) return false;
    const admission = tryAdmitSync(parts, exchange.caller, costFor(exchange));
    if (admission === null) return false;
    const { verdict } = admission;
    if (!verdict.allowed) {
      reject.overLimit(exchange, admission);
      return true;
    }
    const headers = ["x-cache", "HIT", ...rateLimitHeaders(verdict)];
    const storable = isAnonymous(exchange) ? peeked : null;
    const common = { status: 200, isBatch, headers, isDraining: isDraining() };
    send(exchange, { ...common, results: peeked, parts: storable });
    const durationMs = performance.now() - beganAt;
    for (const { cacheName } of peeked) cache.countHit(cacheName);
    for (const { path } of calls) observer.finished(hitRecord(path, durationMs, null));
    return true;
  }

  async function answer(exchange: Exchange, peeked: Peeked): Promise<void> {
    const { request, response, parsed, caller } = exchange;
    const entered = shedder.enter();
    const isAdmitted = typeof entered === "boolean" ? entered : await entered;
    if (!isAdmitted) return reject.overload(exchange);
    const cost = costFor(exchange);
    const admission = tryAdmitSync(parts, caller, cost) ?? (await admit(parts, caller, cost));
    if (isTooLong(parsed)) parts.metrics.rejected("batch_too_large", parsed.calls.length);
    if (!admission.verdict.allowed) return reject.overLimit(exchange, admission);
    if (isTooLong(parsed)) return reject.longBatch(exchange, admission);
    const body = await readBody(request, BODY_MAX_BYTES);
    if (body === null) return reject.largeBody(exchange, admission);
    const inputs = parsed.inputs ?? readInputs(decode(body), parsed.isBatch, parsed.calls.length);
    const locale = parsed.locale ?? localeOf(inputs);
    const spoken = { ...exchange, languages: languagesOf(locale, exchange.languages) };
    shedder.inFlight += 1;
    const resolvingAt = performance.now();
    let resolved: TrpcAnswer | Pieces;
    try {
      resolved = await resolve(spoken, peeked, admission, { body, inputs });
    } finally {
      shedder.inFlight -= 1;
    }
    const limits = rateLimitHeaders(admission.verdict);
    if ("json" in resolved) return sendPieces(spoken, resolved, limits, isDraining());
    if (response.destroyed) return;
    const headers = [...resolved.headers, ...limits];
    if ("stream" in resolved) await sendStream(spoken, resolved.stream, headers, isDraining());
    else {
      const isInTime =
        performance.now() - resolvingAt <= EDGE_ANSWER_MAX_MS || isConfirmed(spoken, resolved);
      send(spoken, { ...resolved.reply, headers, isInTime, isDraining: isDraining() });
    }
  }

  /** Whether memory gives the same answer at this moment, by the journal, however long it took to make. */
  function isConfirmed({ parsed, languages }: Exchange, { reply }: { reply: Unsent }): boolean {
    const [call] = parsed.calls;
    if (parsed.bare === null || reply.parts === null) return false;
    const again = call?.fast?.peek(cache, now().getTime(), languages);
    return again !== undefined && again.etag === reply.parts[0]?.etag;
  }

  async function resolve(
    exchange: Exchange,
    peeked: Peeked,
    { user, tokenError }: Admission,
    { body, inputs }: { readonly body: Buffer; readonly inputs: Inputs },
  ): Promise<TrpcAnswer | Pieces> {
    const { parsed, requestId, web, request, languages } = exchange;
    const { calls, isBatch } = parsed;
    const { db, reads, logger, lookUp, analyse } = parts;
    const services = { db, reads, cache, logger, now, lookUp, analyse };
    const context = { requestId, user, tokenError, languages, ...services };
    const scope = { router: parts.router, observer, context, method: request.method };
    if (parsed.isForTrpc && web !== null)
      return await resolveByTrpc(scope, web, body, isAnonymous(exchange));
    const [first] = calls;
    if (first !== undefined && isInPieces(parsed, scope)) {
      const pieces = await resolveInPieces({ ...scope, inputs }, first, isBatch);
      if (pieces !== undefined)
        return "json" in pieces ? pieces : replyTo([pieces], parsed, isAnonymous(exchange));
    }
    const outcomes = await Promise.all(
      calls.map(async (call, i) => {
        const answer = tokenError === null ? peeked[i] : undefined;
        if (answer === undefined) return await resolveCall({ ...scope, inputs }, call, i);
        cache.countHit(answer.cacheName);
        observer.finished(hitRecord(call.path, 0, context));
        return hit(answer);
      }),
    );
    return replyTo(outcomes, parsed, isAnonymous(exchange));
  }

  function begin(exchange: Exchange, beganAt: number): Promise<void> | undefined {
    try {
      const peeked = peek(exchange);
      if (trySendHits(exchange, peeked, beganAt)) return undefined;
      return answer(exchange, peeked).catch((error: unknown) => reject.failure(exchange, error));
    } catch (error) {
      reject.failure(exchange, error);
      return undefined;
    }
  }

  return {
    tryPlain(request, response) {
      const beganAt = performance.now();
      const parsed = parser.parsePlain(request);
      if (parsed === undefined) return false;
      const requestId = requestIdOf(request);
      const caller = readCaller(request);
      const languages = languagesFor(request, parsed);
      void begin({ request, response, requestId, caller, languages, parsed, web: null }, beganAt);
      return true;
    },
    async handle(request, response, web) {
      const beganAt = performance.now();
      const requestId = String(response.getHeader("x-request-id") ?? requestIdOf(request));
      const url = URL.parse(web.url);
      if (url === null) {
        const languages = readLanguages(request.headers["accept-language"]);
        return reject.malformedUrl({ response, requestId, languages });
      }
      const parsed = parser.parse(request, url);
      const caller = readCaller(request);
      const languages = languagesFor(request, parsed);
      await begin({ request, response, requestId, caller, languages, parsed, web }, beganAt);
    },
    async handleBare({ path, fast, tags }, request, response) {
      const beganAt = performance.now();
      const requestId = String(response.getHeader("x-request-id") ?? requestIdOf(request));
      const parsed: ParsedRequest = {
        calls: [{ path, procedure: null, fast }],
        isBatch: false,
        inputs: { values: [] },
        locale: null,
        isForTrpc: false,
        bare: { tags },
      };
      const caller = { ...readCaller(request), authorization: undefined };
      const languages = readLanguages(request.headers["accept-language"]);
      await begin({ request, response, requestId, caller, languages, parsed, web: null }, beganAt);
    },
  };
}

function isWhole(answers: Peeked): answers is readonly Answer[] {
  return !answers.includes(undefined);
}

function languagesFor({ headers }: IncomingMessage, { locale }: ParsedRequest): Languages {
  return languagesOf(locale, readLanguages(headers["accept-language"]));
}

/** Only what nobody signed in for may be stored by everybody; a bare call counts no token, and says nothing of one. */
function isAnonymous({ caller, parsed, request }: Exchange): boolean {
  return parsed.bare === null
    ? caller.authorization === undefined
    : request.headers.authorization === undefined;
}

/** Source: the Fetch standard, "UTF-8 decode" (without a byte order mark). */
function decode(body: Buffer): string {
  return new TextDecoder().decode(body);
}

function hitRecord(
  procedure: string,
  durationMs: number,
  context: Pick<Context, "user" | "requestId"> | null,
): CallRecord {
  return {
    procedure,
    isWrite: false,
    durationMs,
    code: "OK",
    error: null,
    cacheState: "HIT",
    userId: context?.user?.id ?? null,
    requestId: context?.requestId ?? null,
  };
}
