/** Data that is longer is sent in pieces. Units: UTF-16 code units of its JSON. */
export const WHOLE_MAX_LENGTH = 1024 * 1024;
/** The text that tRPC puts around the data of a result. */
const RESULT_START = '{"result":{"data":';
const RESULT_END = "}}";
const BATCH_START = "[";
const BATCH_END = "]";
const HEAD = Buffer.from(BATCH_START + RESULT_START);
const TAIL = Buffer.from(RESULT_END + BATCH_END);

/** Longer texts are no sooner sent than bytes. */
const TEXT_MAX_BYTES = 8 * 1024;

/** A result as tRPC writes it, in bytes or as text, for both ways in which a call can come alone. */
export class ResultBytes {
  /** Of a batch of the call. Undefined while the text is all that anybody asked for: what is kept has one of them. */
  #bytes: Buffer | undefined;
  #result: Buffer | undefined;
  #data: Buffer | undefined;
  /** Of the call alone; empty while the bytes are all that anybody asked for. */
  #text = "";
  /** Of a batch of this call. */
  readonly byteLength: number;

  /** Units: of a batch of the call when bytes, of the call alone when text: its UTF-8, each byte as a character. */
  constructor(made: Buffer | string) {
    if (typeof made === "string") {
      this.#text = made;
      this.byteLength = BATCH_START.length + made.length + BATCH_END.length;
    } else {
      this.#bytes = made;
      this.byteLength = made.length;
    }
  }

  /**
   * The bytes of the call alone as characters up to U+00FF, to be sent as `latin1`: Node then puts them behind the
   * headers and writes both at once, a tenth sooner. Making them of bytes is only worth it when they are kept; empty
   * when there are too many.
   */
  get resultText(): string {
    if (this.#text === "" && this.byteLength <= TEXT_MAX_BYTES) {
      this.#text = this.result.toString("latin1");
      this.#bytes = undefined;
      this.#result = undefined;
      this.#data = undefined;
    }
    return this.#text;
  }

  /** The same of a batch of this call. */
  get batchText(): string {
    const text = this.resultText;
    return text === "" ? "" : BATCH_START + text + BATCH_END;
  }

  /** Whether it is text already. */
  get isText(): boolean {
    return this.#text !== "";
  }

  /** `{"result":{"data":…}}`; the same object each time, so that what is kept of it serves again. */
  get result(): Buffer {
    this.#result ??= this.batchOfOne.subarray(BATCH_START.length, -BATCH_END.length);
    return this.#result;
  }

  /** `[{"result":{"data":…}}]`: a batch of this call; the same object each time, too. */
  get batchOfOne(): Buffer {
    this.#bytes ??= bytesAlone(BATCH_START + this.#text + BATCH_END, "latin1");
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

/** Puts the envelope around data that is JSON already. Units: its UTF-8, each byte as a character. */
export function resultOfBytes(json: string): ResultBytes {
  return new ResultBytes(RESULT_START + json + RESULT_END);
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
