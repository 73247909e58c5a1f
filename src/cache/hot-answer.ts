import type { Cache } from "./cache.ts";
import type { CacheName } from "./names.ts";
import { resultOf, type ResultBytes } from "./result-bytes.ts";

/** An answer that lies ready. */
export interface HotAnswer {
  readonly bytes: ResultBytes;
  /** Changes whenever the result of the same question does. */
  readonly tag: string;
  /** Which cache it is from. */
  readonly cacheName: CacheName;
}

/** One question, understood: gives its answer, or undefined when that is not at hand. Units: Unix milliseconds. */
export type HotCall = (cache: Cache, nowMs: number) => HotAnswer | undefined;

/** A procedure whose hits need nothing but memory. */
export interface HotProcedure {
  /** As in the URL: `store.nearby`. */
  readonly path: string;
  /** Whether many callers send the very same input, so that understanding it once is worth remembering. */
  readonly recurs: boolean;
  /** Reads an unchecked input; undefined when it wants an error. */
  understand(input: unknown): HotCall | undefined;
}

const memo = new WeakMap<object, Map<string, HotAnswer>>();

/** Makes an answer that is the same for everyone once for each cached value and variant of it. */
export function sharedAnswer(
  entry: { readonly value: object; readonly tag: string },
  cacheName: CacheName,
  variant: string,
  make: () => unknown,
): HotAnswer {
  let variants = memo.get(entry.value);
  if (variants === undefined) {
    variants = new Map();
    memo.set(entry.value, variants);
  }
  let answer = variants.get(variant);
  if (answer === undefined) {
    answer = { bytes: resultOf(JSON.stringify(make())), tag: entry.tag + variant, cacheName };
    variants.set(variant, answer);
  }
  return answer;
}
