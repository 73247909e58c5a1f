import type { SharedPart } from "../../cache/memory-store.ts";
import { type Languages, nameIn, type NamesByLanguage } from "../../trpc/languages.ts";
import type { StoreFacts } from "./filters.ts";
import { OPENING_JSON_MAX, type Schedule, scheduleOf } from "./schedule.ts";

/** The size of the objects around the bytes, the facts and the schedule that filtered calls and rows ask for included. */
const OVERHEAD_BYTES = 320;
/** For nothing else, as a slab lives as long as anything in it does. */
const SLAB_BYTES = 64 * 1024;

/**
 * Before a store's JSON stand three numbers about the opening state that is written behind it: since when and until when
 * it holds, and how long it is. A hit then copies a row with its state in one piece. Units: Unix milliseconds, bytes.
 */
const STATE_NUMBERS = 3;
const STATE_BYTES = STATE_NUMBERS * 8;
const NEVER = Number.POSITIVE_INFINITY;

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** Those that some cell in memory shows, by their stores' ids. */
const held = new Map<string, StoreJson>();

/** Where a store's JSON is within other bytes. */
export interface JsonPlace {
  readonly start: number;
  /** Where that of a marker ends. */
  readonly markerEnd: number;
  /** Before the names: the opening state and the distance are still to come. */
  readonly end: number;
  /** Where its names in other languages end, which follow as one more key. */
  readonly namesEnd: number;
  /** Where its opening hours and time zone end, two more keys after the names. */
  readonly hoursEnd: number;
}

/** Where a store's JSON is, apart from its names: room for its opening state is between them. */
interface KeptPlace extends JsonPlace {
  /** Where the key of the names begins. */
  readonly namesStart: number;
}

/** The key before the names. */
export const BEFORE_NAMES = Buffer.from(',"names":');
/** The length of the key and the value of a store without names. */
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
export class StoreJson implements SharedPart, KeptPlace {
  /** The bytes that it is in, among others. */
  readonly slab: Buffer;
  readonly start: number;
  readonly markerEnd: number;
  readonly end: number;
  readonly namesStart: number;
  readonly namesEnd: number;
  readonly hoursEnd: number;
  readonly #id: string;
  #holders = 0;
  /** The last look at its names: neighbours speak alike. */
  #named: { readonly languages: Languages; readonly name: PlacedName | undefined } | undefined;
  #facts: StoreFacts | undefined;
  #schedule: Schedule | undefined;

  constructor(id: string, inSlab: Buffer, place: KeptPlace) {
    const { start, markerEnd, end, namesStart, namesEnd, hoursEnd } = place;
    this.#id = id;
    this.slab = inSlab;
    this.start = start;
    this.markerEnd = markerEnd;
    this.end = end;
    this.namesStart = namesStart;
    this.namesEnd = namesEnd;
    this.hoursEnd = hoursEnd;
  }

  get bytes(): number {
    return this.hoursEnd - this.start + STATE_BYTES + OVERHEAD_BYTES;
  }

  /** The facts that filters ask for. */
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

  /** Writes the opening state behind its JSON. `numbers` are those of its slab. Units: Unix milliseconds. */
  writeState(numbers: Float64Array, nowMs: number): void {
    const { json, untilMs } = this.schedule.at(nowMs);
    json.copy(this.slab, this.end);
    numbers.set([nowMs, untilMs, json.length], this.start / 8 - STATE_NUMBERS);
  }

  #parse(): StoreFacts & Parameters<typeof scheduleOf>[0] {
    const shown = this.slab.toString("utf8", this.start, this.end);
    const hidden = this.slab.toString("utf8", this.namesStart, this.hoursEnd);
    return JSON.parse(`${shown}${hidden}}`) as StoreFacts & Parameters<typeof scheduleOf>[0];
  }

  /** Its name in the first language that it has one in; undefined when its own is to be shown. */
  nameIn(languages: Languages): PlacedName | undefined {
    if (this.namesEnd - this.namesStart === NO_NAMES_LENGTH) return undefined;
    if (this.#named?.languages !== languages)
      this.#named = { languages, name: this.#findName(languages) };
    return this.#named.name;
  }

  #findName(languages: Languages): PlacedName | undefined {
    const names = this.slab.toString("utf8", this.namesStart + BEFORE_NAMES.length, this.namesEnd);
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
  if (
    known?.slab.compare(source, start, end, known.start, known.end) === 0 &&
    known.slab.compare(source, end, hoursEnd, known.namesStart, known.hoursEnd) === 0
  )
    return known;
  const shown = end - start;
  const [room, at] = makeRoom(STATE_BYTES + shown + OPENING_JSON_MAX + hoursEnd - end);
  const from = at + STATE_BYTES;
  const namesStart = from + shown + OPENING_JSON_MAX;
  new Float64Array(room.buffer, at, STATE_NUMBERS).set([NEVER, -NEVER, 0]);
  source.copy(room, from, start, end);
  source.copy(room, namesStart, end, hoursEnd);
  return new StoreJson(id, room, {
    start: from,
    markerEnd: from + markerEnd - start,
    end: from + shown,
    namesStart,
    namesEnd: namesStart + namesEnd - end,
    hoursEnd: namesStart + hoursEnd - end,
  });
}

/** Units: bytes; a place that numbers can be read at. */
function makeRoom(bytes: number): [room: Buffer, at: number] {
  const whole = Math.ceil(bytes / 8) * 8;
  if (whole > SLAB_BYTES / 4) return [Buffer.allocUnsafeSlow(whole), 0];
  if (slabUsed + whole > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  slabUsed += whole;
  return [slab, slabUsed - whole];
}

/** How many numbers each store takes. */
const NUMBERS_EACH = 4;

/**
 * Where the JSON of an entry's stores is, in numbers side by side: an answer takes many of them, in no order, and each
 * object on the way to the bytes would be one more that the processor has to wait for.
 */
export class StoreJsonTable {
  static readonly bytesEach = NUMBERS_EACH * 4;
  readonly #slabs: readonly Buffer[];
  readonly #numbers: Uint32Array;
  readonly #stores: readonly StoreJson[];
  /** The slabs as numbers. */
  readonly #states: readonly Float64Array[];

  constructor(stores: readonly StoreJson[]) {
    const slabs = [...new Set(stores.map((store) => store.slab))];
    const placeOf = new Map(slabs.map((each, place) => [each, place]));
    this.#slabs = slabs;
    this.#stores = stores;
    this.#states = slabs.map((each) => new Float64Array(each.buffer));
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

  /**
   * Where a store's JSON ends with its opening state and the distance's key. `until` takes the earliest end of a state.
   * Units: Unix milliseconds.
   */
  openedEnd(index: number, nowMs: number, until: { ms: number }): number {
    const numbers = this.#states[this.#numbers[index * NUMBERS_EACH] ?? 0];
    const place = this.start(index) / 8 - STATE_NUMBERS;
    if (numbers === undefined) return this.end(index);
    if (!(nowMs >= (numbers[place] ?? NEVER) && nowMs < (numbers[place + 1] ?? -NEVER)))
      this.#stores[index]?.writeState(numbers, nowMs);
    const untilMs = numbers[place + 1] ?? NEVER;
    if (untilMs < until.ms) until.ms = untilMs;
    return this.end(index) + (numbers[place + 2] ?? 0);
  }
}
