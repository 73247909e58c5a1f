import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
} from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { AnsweredPart } from "../../cache/policy.ts";
import { AppError } from "../../errors.ts";
import { type CallObserver, failedBefore } from "../../observability/call-log.ts";
import type { CallRecord } from "../../observability/call-record.ts";
import type { Context } from "../../trpc/context.ts";
import type { Answer } from "../../trpc/fast-query.ts";
import { toTrpcError } from "../../trpc/error-data.ts";
import { jsonBytes, type ResultBytes } from "../../trpc/result-bytes.ts";
import { cacheStateOf } from "../headers.ts";
import type { Call, Inputs, ParsedRequest } from "./calls.ts";
import type { Reply } from "./send.ts";

/** A reply without what only the endpoint knows. */
export type Unsent = Omit<Reply, "headers" | "isDraining">;

/** The outcome of one call: the bytes of its result or of its error. */
export interface Outcome {
  readonly bytes: ResultBytes;
  readonly isShared: boolean;
  /** For how long an edge may keep the result where that is not as long as any. Units: seconds. */
  readonly edgeSeconds?: number | undefined;
  /** The cached parts of the result. */
  readonly parts: readonly AnsweredPart[];
  readonly error: TRPCError | null;
}

/** Everything that the calls of one request share. */
export interface ResolveScope {
  readonly router: AnyTRPCRouter;
  readonly observer: CallObserver;
  readonly method: string | undefined;
  readonly inputs: Inputs;
  readonly context: Omit<Context, "answers" | "onFinished">;
}

/** The methods that tRPC accepts for a type of procedure; a query comes by POST from links with `methodOverride`. */
const METHODS = {
  query: ["GET", "POST"],
  mutation: ["POST"],
  subscription: ["GET"],
} as const;

/** Resolves one call by its fast query, or else by its procedure. Never rejects: an error is an outcome too. */
export async function resolveCall(
  scope: ResolveScope,
  call: Call,
  place: number,
): Promise<Outcome> {
  const { observer } = scope;
  const parts: AnsweredPart[] = [];
  const beganAt = performance.now();
  // A bad token is an error on public queries too, which the procedure raises.
  const fast = scope.context.tokenError === null ? call.fast : null;
  let recorded: Error | null = null;
  const context: Context = {
    ...scope.context,
    answers: parts,
    onFinished: (record, thrown) => {
      recorded = thrown;
      observer.finished(record);
    },
  };
  try {
    if (fast === null) {
      const data = await callProcedure(scope, call, place, context);
      return { bytes: resultBytes(data), isShared: false, parts, error: null };
    }
    const { bytes, isShared, edgeSeconds } = await fast.load(context);
    observer.finished(fastRecord(call, context, beganAt, null, null));
    return { bytes, isShared, edgeSeconds, parts, error: null };
  } catch (cause) {
    const error = toTrpcError(getTRPCErrorFromUnknown(cause));
    if (fast !== null) observer.finished(fastRecord(call, context, beganAt, error, cause));
    else if (cause !== recorded) observer.finished(failedBefore(error, context.requestId));
    return { ...errorOutcome(scope, call, error, context), parts };
  }
}

/** The outcome of a call that failed. */
export function errorOutcome(
  scope: Pick<ResolveScope, "router">,
  call: Call,
  error: TRPCError,
  context: Context,
): Outcome {
  const bytes = errorBytes(scope, call, error, context);
  return { bytes, isShared: false, parts: [], error };
}

/** The outcome of a call that memory had the answer to. */
export function hit({ bytes, isShared, etag, edgeSeconds }: Answer): Outcome {
  return { bytes, isShared, edgeSeconds, parts: [{ state: "HIT", etag }], error: null };
}

/** Puts the outcomes of a request's calls together, with the headers that depend on all of them. */
export function replyTo(
  outcomes: readonly Outcome[],
  { calls, isBatch }: Pick<ParsedRequest, "calls" | "isBatch">,
  isAnonymous: boolean,
): { reply: Unsent; headers: string[] } {
  const parts = outcomes.flatMap((outcome) => outcome.parts);
  const state = cacheStateOf(parts);
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  const unsupported = outcomes.findIndex(({ error }) => error?.code === "METHOD_NOT_SUPPORTED");
  const type = calls[unsupported]?.procedure?.type;
  const isCached = errors.length === 0 && parts.length === outcomes.length && state !== "STALE";
  return {
    headers: [
      "x-cache",
      state,
      ...errorHeaders(errors),
      ...allowHeader(type === undefined ? null : METHODS[type].join(", ")),
    ],
    reply: {
      status: statusOf(outcomes),
      results: outcomes,
      isBatch,
      parts: isAnonymous && isCached ? parts : null,
    },
  };
}

/** Names the methods that a procedure accepts. Source: RFC 9110, section 15.5.6. */
export function allowHeader(methods: string | null): string[] {
  return methods === null ? [] : ["allow", methods];
}

/** Tells how long to wait, when an error of the answer says so. */
export function errorHeaders(errors: readonly TRPCError[]): string[] {
  const seconds = errors
    .map(({ cause }) => (cause instanceof AppError ? (cause.retryAfterSeconds ?? 0) : 0))
    .reduce((a, b) => Math.max(a, b), 0);
  return seconds > 0 ? ["retry-after", String(seconds)] : [];
}

/** 207 when the calls of a batch differ. Source: tRPC's HTTP RPC specification. */
function statusOf(outcomes: readonly Outcome[]): number {
  const [status = 200, ...others] = new Set(
    outcomes.map(({ error }) => (error === null ? 200 : getHTTPStatusCodeFromError(error))),
  );
  return others.length === 0 ? status : 207;
}

async function callProcedure(
  { router, method, inputs }: ResolveScope,
  { path, procedure }: Call,
  place: number,
  ctx: Context,
): Promise<unknown> {
  if (procedure === null) {
    const message = `No procedure found on path "${path}"`;
    throw new TRPCError({ code: "NOT_FOUND", message });
  }
  const { type } = procedure;
  if (!METHODS[type].some((accepted) => accepted === method)) {
    const message = `Unsupported ${method ?? ""}-request to ${type} procedure at path "${path}"`;
    throw new TRPCError({ code: "METHOD_NOT_SUPPORTED", message });
  }
  return await callTRPCProcedure({
    router,
    path,
    type,
    ctx,
    batchIndex: place,
    signal: undefined,
    getRawInput: () =>
      "error" in inputs ? Promise.reject(inputs.error) : Promise.resolve(inputs.values[place]),
  });
}

function resultBytes(data: unknown): ResultBytes {
  return jsonBytes(JSON.stringify({ result: { data } }));
}

function errorBytes(
  { router }: Pick<ResolveScope, "router">,
  { path, procedure }: Call,
  error: TRPCError,
  ctx: Context,
): ResultBytes {
  const { _config: config } = router._def;
  const type = procedure?.type ?? "unknown";
  const shape: unknown = getTRPCErrorShape({ config, error, type, path, input: undefined, ctx });
  return jsonBytes(JSON.stringify({ error: shape }));
}

function fastRecord(
  { path }: Call,
  { user, requestId, answers }: Context,
  beganAt: number,
  error: TRPCError | null,
  cause: unknown,
): CallRecord {
  return {
    procedure: path,
    isWrite: false,
    durationMs: performance.now() - beganAt,
    code: error?.code ?? "OK",
    error: cause,
    cacheState: answers[0]?.state ?? null,
    userId: user?.id ?? null,
    requestId,
  };
}
