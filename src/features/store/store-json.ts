import type { SharedPart } from "../../cache/memory-store.ts";

/** What the objects around the bytes take. */
const OVERHEAD_BYTES = 320;
/** For nothing else, as a slab lives as long as anything in it does. */
const SLAB_BYTES = 64 * 1024;

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** Those that some cell in memory shows, by their stores' ids. */
const held = new Map<string, StoreJson>();

/** A store's JSON, one for all the cells in memory that show it. */
export class StoreJson implements SharedPart {
  /** Up to and with `"distance":`. */
  readonly json: Buffer;
  /** Where that of a marker ends. */
  readonly markerEnd: number;
  readonly #id: string;
  #holders = 0;

  constructor(id: string, json: Buffer, markerEnd: number) {
    this.#id = id;
    this.json = json;
    this.markerEnd = markerEnd;
  }

  get bytes(): number {
    return this.json.length + OVERHEAD_BYTES;
  }

  onHeld(isHeld: boolean): void {
    this.#holders += isHeld ? 1 : -1;
    if (this.#holders > 0) held.set(this.#id, this);
    else if (held.get(this.#id) === this) held.delete(this.#id);
  }
}

/** The one that is in memory already if its bytes are the same, else one with a copy of them. Units: places in `source`. */
export function storeJsonOf(
  id: string,
  source: Buffer,
  place: { readonly start: number; readonly markerEnd: number; readonly end: number },
): StoreJson {
  const { start, markerEnd, end } = place;
  const known = held.get(id);
  if (known?.json.compare(source, start, end) === 0) return known;
  const json = room(end - start);
  source.copy(json, 0, start, end);
  return new StoreJson(id, json, markerEnd - start);
}

function room(bytes: number): Buffer {
  if (bytes > SLAB_BYTES / 4) return Buffer.allocUnsafeSlow(bytes);
  if (slabUsed + bytes > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  slabUsed += bytes;
  return slab.subarray(slabUsed - bytes, slabUsed);
}
