const FIRST_BYTES = 1 << 20;
const FIRST_REQUESTS = 1 << 12;

/** Encoded requests with the times at which they are due. */
export interface Schedule {
  /** The due times from the start, ascending. Units: milliseconds. */
  readonly dueMs: Float64Array;
  /** The kind of each request, a number of the schedule's author. */
  readonly kinds: Uint8Array;
  /** The number of calls in each request. */
  readonly calls: Uint8Array;
  /** The end of each request in `bytes`; a request begins where the one before ends. */
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Encodes requests in advance, because encoding them while sending would delay them. */
export class ScheduleWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #end = 0;
  #count = 0;
  #dueMs = new Float64Array(FIRST_REQUESTS);
  #kinds = new Uint8Array(FIRST_REQUESTS);
  #calls = new Uint8Array(FIRST_REQUESTS);
  #ends = new Uint32Array(FIRST_REQUESTS);

  /** Adds a request of ASCII characters. Units: `dueMs` in milliseconds from the start. */
  add(dueMs: number, kind: number, calls: number, request: string): void {
    if (this.#count === this.#dueMs.length) this.#growRequests();
    while (this.#end + request.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
      this.#bytes.copy(larger, 0, 0, this.#end);
      this.#bytes = larger;
    }
    this.#end += this.#bytes.write(request, this.#end, "latin1");
    this.#dueMs[this.#count] = dueMs;
    this.#kinds[this.#count] = kind;
    this.#calls[this.#count] = calls;
    this.#ends[this.#count] = this.#end;
    this.#count += 1;
  }

  /** Returns the schedule with copied arrays. */
  finish(): Schedule {
    return {
      dueMs: this.#dueMs.slice(0, this.#count),
      kinds: this.#kinds.slice(0, this.#count),
      calls: this.#calls.slice(0, this.#count),
      ends: this.#ends.slice(0, this.#count),
      bytes: new Uint8Array(this.#bytes.subarray(0, this.#end)),
    };
  }

  #growRequests(): void {
    const length = this.#count * 2;
    const dueMs = new Float64Array(length);
    dueMs.set(this.#dueMs);
    this.#dueMs = dueMs;
    const kinds = new Uint8Array(length);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const calls = new Uint8Array(length);
    calls.set(this.#calls);
    this.#calls = calls;
    const ends = new Uint32Array(length);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
