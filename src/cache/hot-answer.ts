import type { Cache } from "./cache.ts";

/** An answer that lies ready: what tRPC would put into `result.data`, as JSON in bytes. */
export interface HotAnswer {
  readonly body: Buffer;
  /** Changes whenever the body of the same question does. */
  readonly tag: string;
  /** Whether everyone who asks gets these very bytes, so that compressing them once pays. */
  readonly isShared: boolean;
}

/** A procedure whose hits need nothing but memory. */
export interface HotProcedure {
  /** As in the URL: `store.nearby`. */
  readonly path: string;
  /** The answer to an unchecked input; undefined when it is not at hand, or the input wants an error. */
  answer(cache: Cache, input: unknown, nowMs: number): HotAnswer | undefined;
}

const memo = new WeakMap<object, Map<string, HotAnswer>>();

/** Makes an answer that is the same for everyone once for each cached value and variant of it. */
export function sharedAnswer(
  entry: { readonly value: object; readonly tag: string },
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
    answer = {
      body: Buffer.from(JSON.stringify(make())),
      tag: entry.tag + variant,
      isShared: true,
    };
    variants.set(variant, answer);
  }
  return answer;
}
