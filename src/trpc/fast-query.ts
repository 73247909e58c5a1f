import { z } from "zod";
import type { Cache } from "../cache/cache.ts";
import type { CacheName } from "../cache/names.ts";
import type { CachedQuery } from "../cache/policy.ts";
import { type CacheContext, withCache } from "../cache/with-cache.ts";
import { AppError } from "../errors.ts";
import type { LookUp } from "./context.ts";
import { type Languages, NO_LANGUAGES } from "./languages.ts";
import { resultOf, type ResultBytes } from "./result-bytes.ts";

/** The bytes that answer one call. */
export interface Answer {
  readonly bytes: ResultBytes;
  /** Changes whenever the result of the same call does. */
  readonly etag: string;
  /** Whether the same bytes serve other callers too. */
  readonly isShared: boolean;
  readonly cacheName: CacheName;
  /** For how long an edge may keep it where that is not as long as any; 0: not at all. Units: seconds. */
  readonly edgeSeconds?: number | undefined;
}

/** Everything that loading an answer needs; `withCache` adds to `answers`. */
export interface FastContext extends CacheContext {
  readonly now: () => Date;
  readonly lookUp: LookUp | null;
  readonly languages: Languages;
}

/** One call whose input a fast query has accepted. */
export interface FastCall {
  /** Returns the answer if memory has it and the journal confirms it. Units: Unix milliseconds. */
  peek(cache: Cache, nowMs: number, languages: Languages): Answer | undefined;
  /** Returns the answer from the nearest tier that has it. Errors: AppError; those of the query. */
  load(context: FastContext): Promise<Answer>;
}

/** A public query that is answered in bytes, without running tRPC's procedure. */
export interface FastQuery {
  /** Many callers send the same input, therefore the parsed form is worth remembering. */
  readonly isRepeated: boolean;
  /** Accepts an unchecked input, or returns undefined when the procedure has to explain what is wrong with it. */
  parse(input: unknown): FastCall | undefined;
}

/** A fast query whose answers are made from one cached value. */
export interface CachedFastQuery<I> extends FastQuery {
  /** Errors: AppError for an input that the schema accepts and the query does not. */
  call(input: I): FastCall;
}

type Made = Omit<Answer, "cacheName">;

/** One call, as `answer` of a cached query sees it. */
export interface AnsweredCall<I, P, B> {
  readonly input: I;
  readonly parameters: P;
  /** Of the cached values together. */
  readonly etag: string;
  /** The value of the policy that stands beside. */
  readonly beside: B;
  /** Units: Unix milliseconds. */
  readonly nowMs: number;
  /** The caller's. */
  readonly languages: Languages;
  /** Null while memory is asked alone. */
  readonly context: FastContext | null;
}

/**
 * Makes a fast query from a cache policy:
 * `const list = cachedQuery({ input: NoInput, policy, parameters: () => null, answer: … })`, then in the router
 * `publicProcedure.meta({ fast: list }).input(NoInput).output(Output).query(inBytes(list))`.
 * Where answers rest on two cached values, `beside` is the policy of the one that all of them share.
 */
export function cachedQuery<I, P, V, B = null>(query: {
  readonly input: z.ZodType<I>;
  readonly policy: CachedQuery<P, V>;
  readonly beside?: CachedQuery<null, B>;
  readonly isRepeated: boolean;
  /** Errors: AppError. */
  readonly parameters: (input: I) => P;
  /** Returns an AppError where the caller must be told one, and null where memory alone does not do. */
  readonly answer: (value: V, call: AnsweredCall<I, P, B>) => Made | AppError | null;
}): CachedFastQuery<I> {
  const { policy, beside, answer } = query;
  // A third of the time: each field that may be left out or be null is a chain of four schemas.
  const input = z.compile(query.input);
  const { name: cacheName } = policy;
  const alone = { value: null as B, etag: "" };
  const besideKey = beside?.key(null) ?? "";
  const callFor = (input: I): FastCall => {
    const parameters = query.parameters(input);
    const key = policy.key(parameters);
    return {
      peek(cache, nowMs, languages) {
        const entry = cache.peek(policy, key);
        if (entry === undefined) return undefined;
        const other = beside === undefined ? alone : cache.peek(beside, besideKey);
        if (other === undefined) return undefined;
        const etag = entry.etag + other.etag;
        const call = {
          input,
          parameters,
          etag,
          beside: other.value,
          nowMs,
          languages,
          context: null,
        };
        const made = answer(entry.value, call);
        if (made === null || made instanceof AppError) return undefined;
        const { bytes, isShared, edgeSeconds } = made;
        return { bytes, etag: made.etag, isShared, cacheName, edgeSeconds };
      },
      async load(context) {
        const cached = await withCache(context, policy, parameters);
        // Its state is not the answer's: it is loaded once for all answers.
        const other =
          beside === undefined ? alone : await withCache({ ...context, answers: [] }, beside, null);
        const nowMs = context.now().getTime();
        const { languages } = context;
        const etag = cached.etag + other.etag;
        const call = { input, parameters, etag, beside: other.value, nowMs, languages, context };
        const made = answer(cached.value, call);
        if (made instanceof AppError) throw made;
        if (made === null) throw new Error(`${cacheName}: no answer although all was loaded`);
        cached.etag = made.etag;
        const { bytes, isShared, edgeSeconds } = made;
        return { bytes, etag: made.etag, isShared, cacheName, edgeSeconds };
      },
    };
  };
  return {
    isRepeated: query.isRepeated,
    call: callFor,
    parse(given) {
      const { data, success } = input.safeParse(given);
      if (!success) return undefined;
      try {
        return callFor(data);
      } catch (error) {
        if (error instanceof AppError) return undefined;
        throw error;
      }
    },
  };
}

/** A call whose input is wrong, which its answer says. */
export function failingCall(fault: AppError): FastCall {
  return { peek: () => undefined, load: () => Promise.reject(fault) };
}

/** The same call from a caller who wants no language: what is called by names is called what it calls itself. */
export function inNoLanguage(call: FastCall): FastCall {
  return {
    peek: (cache, nowMs) => call.peek(cache, nowMs, NO_LANGUAGES),
    load: (context) => call.load({ ...context, languages: NO_LANGUAGES }),
  };
}

/** For how long an edge may keep an answer that holds until an instant; undefined: as long as any. Units: Unix milliseconds; seconds. */
export function edgeSecondsUntil(untilMs: number, nowMs: number): number | undefined {
  return Number.isFinite(untilMs) ? Math.max(0, Math.floor((untilMs - nowMs) / 1000)) : undefined;
}

/** Resolves a procedure by its fast query, for the callers that only tRPC can answer. */
export function inBytes<I, T>(
  query: CachedFastQuery<I>,
): (call: { readonly ctx: FastContext; readonly input: I }) => Promise<T> {
  return async ({ ctx, input }) => {
    const { bytes } = await query.call(input).load(ctx);
    return JSON.parse(bytes.data.toString()) as T;
  };
}

interface Variant {
  readonly name: string;
  readonly answer: Made;
  next: Variant | undefined;
}

/** The variants of a value made last, the latest first. */
const memo = new WeakMap<object, Variant>();

/** Of one value no more variants are kept, by school, language and the like: the one that was made first goes. */
export const VARIANTS_KEPT = 8;

/** Keeps no more than the latest variants. */
function forgetOldest(latest: Variant): void {
  let last: Variant | undefined = latest;
  for (let kept = 1; kept < VARIANTS_KEPT && last !== undefined; kept += 1) last = last.next;
  if (last !== undefined) last.next = undefined;
}

/** Makes an answer that is the same for everyone, once for each cached value and variant of it. */
export function sharedAnswer(
  value: object,
  etag: string,
  variant: string,
  make: () => unknown,
): Made {
  const known = memo.get(value);
  for (let each = known; each !== undefined; each = each.next)
    if (each.name === variant) return each.answer;
  const bytes = resultOf(JSON.stringify(make()));
  const answer = { bytes, etag: etag + variant, isShared: true };
  const latest = { name: variant, answer, next: known };
  forgetOldest(latest);
  memo.set(value, latest);
  return answer;
}

const pairs = new WeakMap<object, WeakMap<object, object>>();

/** The object that stands for two values together, as long as both are there: `sharedAnswer` keeps answers by it. */
export function pairOf(value: object, beside: object): object {
  let others = pairs.get(beside);
  if (others === undefined) {
    others = new WeakMap();
    pairs.set(beside, others);
  }
  let pair = others.get(value);
  if (pair === undefined) {
    pair = {};
    others.set(value, pair);
  }
  return pair;
}
