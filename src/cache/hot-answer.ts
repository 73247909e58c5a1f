import type { Cache } from "./cache.ts";

/** What tRPC puts around the data of a result. */
const RESULT_START = '{"result":{"data":';
const RESULT_END = "}}";

/** A result in bytes, envelope and all: room for an answer that is written straight into it. */
export class ResultBuffer {
  readonly #bytes: Buffer;
  /** Where the next byte of the data goes. */
  end: number;

  /** Units: `dataBytesMax` is as much as the data may take. */
  constructor(dataBytesMax: number) {
    this.#bytes = Buffer.allocUnsafe(RESULT_START.length + dataBytesMax + RESULT_END.length);
    this.end = this.#bytes.write(RESULT_START, 0, "latin1");
  }

  append(source: Buffer, from: number, to: number): void {
    source.copy(this.#bytes, this.end, from, to);
    this.end += to - from;
  }

  appendByte(byte: number): void {
    this.#bytes[this.end] = byte;
    this.end += 1;
  }

  /** Appends a number as JSON has it. Units: tenths. */
  appendTenths(tenths: number): void {
    let whole = Math.floor(tenths / 10);
    const rest = tenths - whole * 10;
    let digits = 1;
    for (let power = 10; power <= whole; power *= 10) digits += 1;
    for (let at = this.end + digits - 1; at >= this.end; at -= 1) {
      const next = Math.floor(whole / 10);
      this.#bytes[at] = ZERO + whole - next * 10;
      whole = next;
    }
    this.end += digits;
    if (rest > 0) {
      this.appendByte(POINT);
      this.appendByte(ZERO + rest);
    }
  }

  /** Closes the envelope. */
  finish(): Buffer {
    this.end += this.#bytes.write(RESULT_END, this.end, "latin1");
    return this.#bytes.subarray(0, this.end);
  }
}

const ZERO = 48;
const POINT = 46;

/** The data of a result without its envelope, in the same bytes. */
export function dataOf(result: Buffer): Buffer {
  return result.subarray(RESULT_START.length, result.length - RESULT_END.length);
}

/** An answer that lies ready: a result as tRPC writes it, `{"result":{"data":…}}`, in bytes. */
export interface HotAnswer {
  readonly result: Buffer;
  /** Changes whenever the result of the same question does. */
  readonly tag: string;
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
    const result = Buffer.from(RESULT_START + JSON.stringify(make()) + RESULT_END);
    answer = { result, tag: entry.tag + variant };
    variants.set(variant, answer);
  }
  return answer;
}
