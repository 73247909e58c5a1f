import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { getTRPCErrorFromUnknown } from "@trpc/server";
import { AppError } from "../../errors.ts";
import type { Context } from "../../trpc/context.ts";
import { toTrpcError } from "../../trpc/error-data.ts";
import {
  batchEnvelope,
  jsonBytes,
  resultEnvelope,
  WHOLE_MAX_LENGTH,
} from "../../trpc/result-bytes.ts";
import { chooseCoding, createEncoder } from "../compression.ts";
import { PRIVATE_CACHE_CONTROL, SECURITY_HEADERS } from "../headers.ts";
import type { Call, ParsedRequest } from "./calls.ts";
import { deprecationHeaders } from "./deprecation-headers.ts";
import type { Exchange } from "./exchange.ts";
import { errorOutcome, type Outcome, type ResolveScope } from "./resolve.ts";
import { languageHeaders } from "./send.ts";
import { text } from "../../texts/text.ts";

/** A client that takes nothing for this long is gone. Units: milliseconds. */
const STALL_MAX_MS = 60_000;
/** Answers in pieces at once: each holds a page of rows while its client reads. */
const AT_ONCE_MAX = 32;

/** The longest rest between two pieces. Units: milliseconds. */
const REST_MAX_MS = 100;

/** An answer that is too long to be held, as it is made. */
export interface Pieces {
  readonly json: AsyncIterable<string>;
  /** To be called once, with the error that ended it or null. */
  readonly finished: (error: unknown) => void;
}

/** Answers in pieces that are being sent by this process. */
let atOnce = 0;

/** Whether a request is one call alone whose procedure makes its data in pieces, for a user. */
export function isInPieces(
  { calls, isForTrpc }: ParsedRequest,
  { method, context }: Pick<ResolveScope, "method" | "context">,
): boolean {
  const [call, ...others] = calls;
  // A caller who is not signed in is told by the procedure.
  return (
    method === "GET" &&
    !isForTrpc &&
    others.length === 0 &&
    context.tokenError === null &&
    context.user !== null &&
    (call?.procedure?.stream ?? null) !== null
  );
}

/**
 * Resolves such a call: whole when it is short, in pieces else, and not at all when the procedure has to say what is
 * wrong with the input. An error before the first piece is sent is an outcome too.
 */
export async function resolveInPieces(
  scope: ResolveScope,
  call: Call,
  isBatch: boolean,
): Promise<Outcome | Pieces | undefined> {
  const { context, inputs, observer } = scope;
  const { user } = context;
  if ("error" in inputs || user === null) return undefined;
  const pieces = call.procedure?.stream?.open({ ...context, user }, inputs.values[0]);
  if (pieces === undefined) return undefined;
  const beganAt = performance.now();
  const finish = (code: string, error: unknown) =>
    observer.finished({
      procedure: call.path,
      isWrite: false,
      durationMs: performance.now() - beganAt,
      code,
      error,
      cacheState: null,
      userId: user.id,
      requestId: context.requestId,
    });
  const iterator = pieces[Symbol.asyncIterator]();
  let head = "";
  try {
    while (head.length <= WHOLE_MAX_LENGTH) {
      const next = await iterator.next();
      if (next.done === true) {
        finish("OK", null);
        const bytes = jsonBytes(resultEnvelope(head));
        return { bytes, isShared: false, parts: [], error: null };
      }
      head += next.value;
    }
    if (atOnce >= AT_ONCE_MAX) {
      throw new AppError("SERVICE_UNAVAILABLE", text("too_many_long_answers"), {
        retryAfterSeconds: 5,
      });
    }
  } catch (cause) {
    const error = toTrpcError(getTRPCErrorFromUnknown(cause));
    finish(error.code, cause);
    const full: Context = { ...context, answers: [], onFinished: () => {} };
    return errorOutcome(scope, call, error, full);
  }
  return {
    json: enveloped(head, iterator, isBatch),
    finished: (error) => {
      if (error === null) finish("OK", null);
      else if (isOfClient(error)) finish("CLIENT_CLOSED_REQUEST", null);
      else finish(toTrpcError(getTRPCErrorFromUnknown(error)).code, error);
    },
  };
}

/** Settles when the next piece of this process may be made. */
let turn: Promise<void> = Promise.resolve();

/**
 * Makes a piece in turn: those of all long answers one after another, each followed by a rest as long as its making,
 * because every other call waits for the same thread.
 */
async function inTurn<T>(make: () => Promise<T>): Promise<T> {
  const before = turn;
  const next = Promise.withResolvers<void>();
  turn = next.promise;
  await before;
  const beganAt = performance.now();
  try {
    return await make();
  } finally {
    setTimeout(next.resolve, Math.min(performance.now() - beganAt, REST_MAX_MS));
  }
}

async function* enveloped(
  head: string,
  rest: AsyncIterator<string>,
  isBatch: boolean,
): AsyncGenerator<string> {
  const [start, end] = batchEnvelope(isBatch);
  const make = () => inTurn(() => rest.next());
  yield start + head;
  for (let next = await make(); next.done !== true; next = await make()) yield next.value;
  yield end;
}

/** Whether an error of sending says that the client left, or took nothing for too long. */
function isOfClient(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(?:ERR_STREAM_PREMATURE_CLOSE|ERR_STREAM_UNABLE_TO_PIPE|ECONNRESET|EPIPE)$/.test(code);
}

/**
 * Sends an answer as its pieces are made, no sooner than the client takes them. An error on the way breaks the
 * connection, because half an answer must not look like one.
 */
export async function sendPieces(
  { request, response, requestId, parsed, languages }: Exchange,
  { json, finished }: Pieces,
  headers: readonly string[],
  isDraining: boolean,
): Promise<void> {
  const coding = chooseCoding(request.headers["accept-encoding"]);
  const encoder = coding === null ? [] : [createEncoder(coding)];
  atOnce += 1;
  try {
    if (!response.destroyed) {
      response.setTimeout(STALL_MAX_MS, () => response.destroy());
      response.writeHead(200, [
        "content-type",
        "application/json",
        ...SECURITY_HEADERS.flat(),
        ...languageHeaders(languages.language),
        "x-request-id",
        requestId,
        "cache-control",
        PRIVATE_CACHE_CONTROL,
        "x-cache",
        "BYPASS",
        ...headers,
        ...deprecationHeaders(parsed),
        ...(coding === null ? [] : ["content-encoding", coding]),
        ...(isDraining ? ["connection", "close"] : []),
      ]);
    }
    await pipeline([Readable.from(json), ...encoder, response]);
    finished(null);
  } catch (error) {
    response.destroy();
    finished(error);
  } finally {
    atOnce -= 1;
  }
}
