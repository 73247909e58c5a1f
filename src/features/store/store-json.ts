import type { SharedPart } from "../../cache/memory-store.ts";
import { type Languages, nameIn, type NamesByLanguage } from "../../trpc/languages.ts";
import type { StoreFacts } from "./filters.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

/** What the objects around the bytes take, the facts and the schedule that filtered calls and rows ask for included. */
const OVERHEAD_BYTES = 320;
/** For nothing else, as a slab lives as long as anything in it does. */
const SLAB_BYTES = 64 * 1024;

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** Those that some cell in memory shows, by their stores' ids. */
const held = new Map<string, StoreJson>();

/** Where a store's JSON is within other bytes. */
export interface JsonPlace {
  readonly start: number;
  /** Where that of a marker ends. */
  readonly markerEnd: number;
  /** Before the closing brace: the opening state and the distance are still to come. */
  readonly end: number;
  /** Where that of its names in other languages ends, which follow as one more key. */
  readonly namesEnd: number;
  /** Where its opening hours and time zone end, two more keys after the names. */
  readonly hoursEnd: number;
}

/** The key before the names. */
export const BEFORE_NAMES = Buffer.from(',"names":');
/** What follows the key of a store without names. */
const NO_NAMES_LENGTH = BEFORE_NAMES.length + 2;
/** The key before the hours. */
export const BEFORE_HOURS = Buffer.from(',"openingHours":');
/** Quoted like this it cannot stand in a text. */
const CERTIFIER = ',"certifierId":';
const AFTER_NAME = Buffer.from(',"latitude":');
/** Where a store's own name is, after `{"id":"…","name":`. */
const NAME_START = 52;

/** Where `{"id":"…` has the id. */
const ID_START = 7;
const ID_LENGTH = 36;

/** A name as JSON, and which bytes it takes the place of. */
export interface PlacedName {
  readonly json: Buffer;
  readonly from: number;
  readonly to: number;
}

/** The id of the store whose JSON starts there. */
export function idIn(json: Buffer, start: number): string {
  return json.toString("latin1", start + ID_START, start + ID_START + ID_LENGTH);
}

/** A store's JSON, one for all the cells in memory that show it. */
export class StoreJson implements SharedPart, JsonPlace {
  /** What it is in, among others. */
  readonly slab: Buffer;
  readonly start: number;
  readonly markerEnd: number;
  readonly end: number;
  readonly namesEnd: number;
  readonly hoursEnd: number;
  readonly #id: string;
  #holders = 0;
  /** The last look at its names: neighbours speak alike. */
  #named: { readonly languages: Languages; readonly name: PlacedName | undefined } | undefined;
  #facts: StoreFacts | undefined;
  #schedule: Schedule | undefined;

  constructor(id: string, inSlab: Buffer, place: JsonPlace) {
    const { start, markerEnd, end, namesEnd, hoursEnd } = place;
    this.#id = id;
    this.slab = inSlab;
    this.start = start;
    this.markerEnd = markerEnd;
    this.end = end;
    this.namesEnd = namesEnd;
    this.hoursEnd = hoursEnd;
  }

  get bytes(): number {
    return this.hoursEnd - this.start + OVERHEAD_BYTES;
  }

  /** What filters ask for. */
  get facts(): StoreFacts {
    if (this.#facts === undefined) {
      const { certifierId, averageRating, halalClaim } = this.#parse();
      this.#facts = { certifierId, averageRating, halalClaim };
    }
    return this.#facts;
  }

  get schedule(): Schedule {
    this.#schedule ??= scheduleOf(this.#parse());
    return this.#schedule;
  }

  /** Whether its JSON names the certifier; null: any. */
  isCertifiedBy(id: string | null): boolean {
    const json = this.slab.subarray(this.start, this.end);
    return id === null
      ? !json.includes(`${CERTIFIER}null`)
      : json.includes(CERTIFIER + JSON.stringify(id));
  }

  #parse(): StoreFacts & Parameters<typeof scheduleOf>[0] {
    return JSON.parse(`${this.slab.toString("utf8", this.start, this.hoursEnd)}}`) as StoreFacts &
      Parameters<typeof scheduleOf>[0];
  }

  /** Its name in the first language that it has one in; undefined when its own is to be shown. */
  nameIn(languages: Languages): PlacedName | undefined {
    if (this.namesEnd - this.end === NO_NAMES_LENGTH) return undefined;
    if (this.#named?.languages !== languages)
      this.#named = { languages, name: this.#findName(languages) };
    return this.#named.name;
  }

  #findName(languages: Languages): PlacedName | undefined {
    const names = this.slab.toString("utf8", this.end + BEFORE_NAMES.length, this.namesEnd);
    const name = nameIn(JSON.parse(names) as NamesByLanguage, languages);
    if (name === undefined) return undefined;
    const from = this.start + NAME_START;
    // Quoted like this it cannot stand in a text.
    const to = this.slab.indexOf(AFTER_NAME, from);
    return { json: Buffer.from(JSON.stringify(name)), from, to };
  }

  onHeld(isHeld: boolean): void {
    this.#holders += isHeld ? 1 : -1;
    if (this.#holders > 0) held.set(this.#id, this);
    else if (held.get(this.#id) === this) held.delete(this.#id);
  }
}

/** The one that is in memory already if its bytes are the same, else one with a copy of them. */
export function storeJsonOf(id: string, source: Buffer, place: JsonPlace): StoreJson {
  const { start, markerEnd, end, namesEnd, hoursEnd } = place;
  const known = held.get(id);
  if (known?.slab.compare(source, start, hoursEnd, known.start, known.hoursEnd) === 0) return known;
  const length = hoursEnd - start;
  const [room, at] = makeRoom(length);
  source.copy(room, at, start, hoursEnd);
  return new StoreJson(id, room, {
    start: at,
    markerEnd: at + markerEnd - start,
    end: at + end - start,
    namesEnd: at + namesEnd - start,
    hoursEnd: at + length,
  });
}

function makeRoom(bytes: number): [room: Buffer, at: number] {
  if (bytes > SLAB_BYTES / 4) return [Buffer.allocUnsafeSlow(bytes), 0];
  if (slabUsed + bytes > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  slabUsed += bytes;
  return [slab, slabUsed - bytes];
}

/** How many numbers each store takes. */
const NUMBERS_EACH = 4;

/**
 * Where the JSON of an entry's stores is, in numbers side by side: an answer takes many of them, in no order, and each
 * object on the way to the bytes would be one more that the processor has to wait for.
 */
export class StoreJsonTable {
  static readonly bytesEach = NUMBERS_EACH * 4 + 8;
  readonly #slabs: readonly Buffer[];
  readonly #numbers: Uint32Array;
  readonly #stores: readonly StoreJson[];
  readonly #schedules: (Schedule | undefined)[];

  constructor(stores: readonly StoreJson[]) {
    const slabs = [...new Set(stores.map((store) => store.slab))];
    const placeOf = new Map(slabs.map((each, place) => [each, place]));
    this.#slabs = slabs;
    this.#stores = stores;
    this.#schedules = stores.map(() => undefined);
    this.#numbers = new Uint32Array(stores.length * NUMBERS_EACH);
    stores.forEach((store, index) => {
      const { start, markerEnd, end } = store;
      const numbers = [placeOf.get(store.slab) ?? 0, start, markerEnd, end];
      this.#numbers.set(numbers, index * NUMBERS_EACH);
    });
  }

  slab(index: number): Buffer | undefined {
    return this.#slabs[this.#numbers[index * NUMBERS_EACH] ?? 0];
  }

  start(index: number): number {
    return this.#numbers[index * NUMBERS_EACH + 1] ?? 0;
  }

  markerEnd(index: number): number {
    return this.#numbers[index * NUMBERS_EACH + 2] ?? 0;
  }

  end(index: number): number {
    return this.#numbers[index * NUMBERS_EACH + 3] ?? 0;
  }

  /** The store's schedule; the store itself is read once, because it lies elsewhere in memory. */
  schedule(index: number): Schedule | undefined {
    this.#schedules[index] ??= this.#stores[index]?.schedule;
    return this.#schedules[index];
  }
}
