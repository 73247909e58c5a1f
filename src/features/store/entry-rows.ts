import type { StoreJson } from "./store-json.ts";

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * The rows of an entry's stores, column by column: an answer takes many of them, in no order, and each object on the way
 * to the text would be one more that the processor has to wait for.
 */
export class EntryRows {
  static readonly bytesEach = 32;
  readonly #stores: readonly StoreJson[];
  readonly #markers: string[];
  readonly #rests: string[];
  readonly #openings: string[];
  readonly #untilMs: Float64Array;
  #nowMs = NEVER;

  constructor(stores: readonly StoreJson[]) {
    const { length } = stores;
    this.#stores = stores;
    this.#markers = Array.from<string>({ length }).fill("");
    this.#rests = Array.from<string>({ length }).fill("");
    this.#openings = Array.from<string>({ length }).fill("");
    this.#untilMs = new Float64Array(length).fill(NEVER);
  }

  /** Makes the opening states those of an instant. Units: Unix milliseconds. */
  moveTo(nowMs: number): void {
    // A clock may also go back: then no state is known to have begun.
    if (nowMs < this.#nowMs) this.#untilMs.fill(NEVER);
    this.#nowMs = nowMs;
  }

  /** The keys that a marker has, too, with its own name. */
  marker(index: number): string {
    return this.#markers[index] || this.#takeApart(index, this.#markers);
  }

  rest(index: number): string {
    return this.#rests[index] || this.#takeApart(index, this.#rests);
  }

  /** The opening state up to the distance's value. */
  opening(index: number): string {
    if (!((this.#untilMs[index] ?? NEVER) > this.#nowMs)) this.#lookUp(index);
    return this.#openings[index] ?? "";
  }

  /** Until when that state holds. Units: Unix milliseconds, or infinity. */
  untilMs(index: number): number {
    return this.#untilMs[index] ?? NEVER;
  }

  #takeApart(index: number, column: readonly string[]): string {
    const parts = this.#stores[index]?.parts;
    this.#markers[index] = parts?.marker ?? "";
    this.#rests[index] = parts?.rest ?? "";
    return column[index] ?? "";
  }

  #lookUp(index: number): void {
    const state = this.#stores[index]?.schedule.at(this.#nowMs);
    if (state === undefined) return;
    this.#openings[index] = state.json;
    this.#untilMs[index] = state.untilMs;
  }
}
