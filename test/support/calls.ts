/** The answer to one query over HTTP, as a phone and its edge see it. */
export interface RawAnswer<T> {
  readonly status: number;
  /** The `x-cache` header. */
  readonly state: string;
  /** The error's code; undefined when there is data. */
  readonly code: string | undefined;
  readonly data: T | undefined;
  readonly tookMs: number;
}

interface Envelope<T> {
  readonly result?: { readonly data: T };
  readonly error?: { readonly data: { readonly code: string } };
}

/** Calls a query procedure with nothing between but `fetch`. */
export async function query<T = { readonly items: readonly { readonly id: string }[] }>(
  url: string,
  path: string,
  input: unknown,
): Promise<RawAnswer<T>> {
  const beganAt = performance.now();
  const response = await fetch(
    `${url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`,
  );
  const { result, error } = (await response.json()) as Envelope<T>;
  return {
    status: response.status,
    state: response.headers.get("x-cache") ?? "",
    code: error?.data.code,
    data: result?.data,
    tookMs: performance.now() - beganAt,
  };
}

/** Asks again and again until the answer is as wanted, or fails when the time is over. */
export async function eventually<T>(
  withinMs: number,
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() > endsAt)
      throw new Error(`not so within ${withinMs} ms: ${JSON.stringify(answer).slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Runs work on many inputs, so many at a time; results in the order of the inputs. */
export async function mapLimited<A, B>(
  inputs: readonly A[],
  atOnce: number,
  work: (input: A, index: number) => Promise<B>,
): Promise<B[]> {
  const results: B[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next; index < inputs.length; index = next) {
      next += 1;
      const input = inputs[index];
      if (input !== undefined) results[index] = await work(input, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** The value that so large a share of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints figures of a run for people when CACHE_FIGURES is set; nothing is asserted on them. */
export function reportFigures(title: string, figures: Readonly<Record<string, unknown>>): void {
  if (process.env["CACHE_FIGURES"] === undefined) return;
  process.stderr.write(`${title}: ${JSON.stringify(figures)}\n`);
}

/** Random numbers that are the same in every run. Source: mulberry32, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
