import type { Cache } from "../cache/cache.ts";
import { type CacheContext, withCache } from "../cache/with-cache.ts";
import type { CachedQuery } from "../cache/policy.ts";
import type { CacheName } from "../cache/names.ts";
import { resultOf, type ResultBytes } from "./result-bytes.ts";

/** An answer that lies ready. */
export interface HotAnswer {
  readonly bytes: ResultBytes;
  /** Changes whenever the result of the same question does. */
  readonly tag: string;
  /** Whether the very same bytes serve other callers, too. */
  readonly isShared: boolean;
  /** Which cache it is from; null: from none, so that nobody may keep it. */
  readonly cacheName: CacheName | null;
}

/** What finding an answer needs; `answers` is added to, as by `withCache`. */
export interface HotContext extends CacheContext {
  readonly user: { readonly id: string } | null;
  readonly now: () => Date;
}

/** One question, understood. */
export interface HotQuestion {
  /** Its answer if that is at hand, and vouched for. Units: Unix milliseconds. */
  peek(cache: Cache, nowMs: number): HotAnswer | undefined;
  /** Its answer from wherever it is; undefined when the caller is owed an error. Errors: those of the query. */
  find(context: HotContext): Promise<HotAnswer | undefined>;
}

/** A procedure that needs nothing of tRPC's but its bytes. */
export interface HotProcedure {
  /** As in the URL: `store.nearby`. */
  readonly path: string;
  /** Whether many callers send the very same input, so that understanding it once is worth remembering. */
  readonly recurs: boolean;
  /** Reads an unchecked input; undefined when it wants an error. */
  understand(input: unknown): HotQuestion | undefined;
}

/** A question that one cached value answers. */
export function cachedQuestion<P, V>(question: {
  readonly policy: CachedQuery<P, V>;
  readonly parameters: P;
  /** Undefined when the caller is owed an error. Units: Unix milliseconds. */
  readonly answer: (
    value: V,
    tag: string,
    nowMs: number,
  ) => Omit<HotAnswer, "cacheName"> | undefined;
}): HotQuestion {
  const { policy, parameters, answer } = question;
  const { name: cacheName } = policy;
  const key = policy.key(parameters);
  const answerOf = (value: V, tag: string, nowMs: number): HotAnswer | undefined => {
    const given = answer(value, tag, nowMs);
    return given && { bytes: given.bytes, tag: given.tag, isShared: given.isShared, cacheName };
  };
  return {
    peek(cache, nowMs) {
      const entry = cache.peek(policy, key);
      return entry && answerOf(entry.value, entry.tag, nowMs);
    },
    async find(context) {
      const { value, tag } = await withCache(context, policy, parameters);
      return answerOf(value, tag, context.now().getTime());
    },
  };
}

/** A question that is asked of the database each time. */
export function uncachedQuestion(
  find: (context: HotContext) => Promise<object | undefined>,
): HotQuestion {
  return {
    peek: () => undefined,
    async find(context) {
      const value = await find(context);
      return (
        value && {
          bytes: resultOf(JSON.stringify(value)),
          tag: "",
          isShared: false,
          cacheName: null,
        }
      );
    },
  };
}

interface Variant {
  readonly name: string;
  readonly answer: Omit<HotAnswer, "cacheName">;
  readonly next: Variant | undefined;
}

/** By value: the variants made so far, few as they are, the last one first. */
const memo = new WeakMap<object, Variant>();

/** Makes an answer that is the same for everyone once for each cached value and variant of it. */
export function sharedAnswer(
  value: object,
  tag: string,
  variant: string,
  make: () => unknown,
): Omit<HotAnswer, "cacheName"> {
  const known = memo.get(value);
  for (let each = known; each !== undefined; each = each.next)
    if (each.name === variant) return each.answer;
  const bytes = resultOf(JSON.stringify(make()));
  const answer = { bytes, tag: tag + variant, isShared: true };
  memo.set(value, { name: variant, answer, next: known });
  return answer;
}
