/** Data that is longer is sent in pieces. Units: UTF-16 code units of its JSON. */
export const WHOLE_MAX_LENGTH = 1024 * 1024;
/** The text that tRPC puts around the data of a result. */
const RESULT_START = '{"result":{"data":';
const RESULT_END = "}}";
const BATCH_START = "[";
const BATCH_END = "]";
const HEAD = Buffer.from(BATCH_START + RESULT_START);
const TAIL = Buffer.from(RESULT_END + BATCH_END);
/** Small, as an answer that a slow client has not read yet keeps all of its slab. */
const SLAB_BYTES = 64 * 1024;
/** Larger answers have memory of their own. */
const SLAB_SHARE_MAX = SLAB_BYTES / 2;
/** Fewer bytes are copied sooner one by one. */
const CALL_WORTH_BYTES = 32;
const ZERO = 48;
const POINT = 46;

/** Longer texts are no sooner sent than bytes. */
const TEXT_MAX_BYTES = 8 * 1024;

/** A result as tRPC writes it, in bytes that serve both ways in which a call can come alone. */
export class ResultBytes {
  /** Undefined while the text is all that anybody asked for: what is kept has one of them, as long as that does. */
  #bytes: Buffer | undefined;
  #result: Buffer | undefined;
  #data: Buffer | undefined;
  #text = "";
  /** Of a batch of this call. */
  readonly byteLength: number;

  constructor(batch: Buffer) {
    this.#bytes = batch;
    this.byteLength = batch.length;
  }

  /**
   * The bytes of a batch of this call as characters up to U+00FF, to be sent as `latin1`: Node then puts them behind
   * the headers and writes both at once, a tenth sooner. Only worth it when it is kept; empty when there are too many.
   */
  get batchText(): string {
    if (this.#text === "" && this.byteLength <= TEXT_MAX_BYTES) {
      this.#text = this.batchOfOne.toString("latin1");
      this.#bytes = undefined;
      this.#result = undefined;
      this.#data = undefined;
    }
    return this.#text;
  }

  /** The same of the call alone. */
  get resultText(): string {
    return this.batchText.slice(BATCH_START.length, -BATCH_END.length);
  }

  /** `{"result":{"data":…}}`; the same object each time, so that what is kept of it serves again. */
  get result(): Buffer {
    this.#result ??= this.batchOfOne.subarray(BATCH_START.length, -BATCH_END.length);
    return this.#result;
  }

  /** `[{"result":{"data":…}}]`: a batch of this call; the same object each time, too. */
  get batchOfOne(): Buffer {
    this.#bytes ??= bytesAlone(this.#text, "latin1");
    return this.#bytes;
  }

  /** The data without its envelope; the same object each time, too. */
  get data(): Buffer {
    this.#data ??= this.batchOfOne.subarray(HEAD.length, -TAIL.length);
    return this.#data;
  }
}

/** Puts the envelope around data that is JSON already. */
export function resultOf(json: string): ResultBytes {
  return new ResultBytes(
    bytesAlone(BATCH_START + RESULT_START + json + RESULT_END + BATCH_END, "utf8"),
  );
}

/** Puts the envelope around pieces that together are JSON. */
export function resultOfPieces(pieces: readonly Buffer[]): ResultBytes {
  return new ResultBytes(Buffer.concat([HEAD, ...pieces, TAIL]));
}

/** Puts the envelope around data that is JSON already, as text. */
export function resultEnvelope(json: string): string {
  return RESULT_START + json + RESULT_END;
}

/** The text before and after data that is JSON already, of one call alone. */
export function batchEnvelope(isBatch: boolean): readonly [start: string, end: string] {
  return isBatch
    ? [BATCH_START + RESULT_START, RESULT_END + BATCH_END]
    : [RESULT_START, RESULT_END];
}

/** Takes JSON with its envelope, a result's or an error's, that is sent once and not kept. */
export function jsonBytes(json: string): ResultBytes {
  return new ResultBytes(Buffer.from(BATCH_START + json + BATCH_END));
}

/** Bytes in memory of their own: in Node's pool they would keep 64 KiB of what lies beside them. */
function bytesAlone(text: string, encoding: "latin1" | "utf8"): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, encoding));
  bytes.write(text, encoding);
  return bytes;
}

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** Writes a result straight into its envelope; one at a time, from `new` to `finish`. */
export class ResultWriter {
  readonly #bytes: Buffer;
  readonly #start: number;
  #end: number;

  /** Units: `dataBytesMax` is as much as the data may take. */
  constructor(dataBytesMax: number) {
    const room = HEAD.length + dataBytesMax + TAIL.length;
    if (room > SLAB_SHARE_MAX) {
      this.#bytes = Buffer.allocUnsafeSlow(room);
      this.#start = 0;
    } else {
      if (slabUsed + room > SLAB_BYTES) {
        slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
        slabUsed = 0;
      }
      this.#bytes = slab;
      this.#start = slabUsed;
    }
    this.#end = this.#start;
    this.append(HEAD, 0, HEAD.length);
  }

  append(source: Buffer, from: number, to: number): void {
    const length = to - from;
    const end = this.#end;
    if (length > CALL_WORTH_BYTES) source.copy(this.#bytes, end, from, to);
    else for (let i = 0; i < length; i += 1) this.#bytes[end + i] = source[from + i] ?? 0;
    this.#end = end + length;
  }

  appendByte(byte: number): void {
    this.#bytes[this.#end] = byte;
    this.#end += 1;
  }

  /** Appends a number as JSON has it. Units: tenths. */
  appendTenths(tenths: number): void {
    let whole = Math.floor(tenths / 10);
    const rest = tenths - whole * 10;
    let digits = 1;
    for (let power = 10; power <= whole; power *= 10) digits += 1;
    for (let at = this.#end + digits - 1; at >= this.#end; at -= 1) {
      const next = Math.floor(whole / 10);
      this.#bytes[at] = ZERO + whole - next * 10;
      whole = next;
    }
    this.#end += digits;
    if (rest > 0) {
      this.appendByte(POINT);
      this.appendByte(ZERO + rest);
    }
  }

  /** Closes the envelope. */
  finish(): ResultBytes {
    this.append(TAIL, 0, TAIL.length);
    if (this.#bytes === slab) slabUsed = this.#end;
    return new ResultBytes(this.#bytes.subarray(this.#start, this.#end));
  }
}
