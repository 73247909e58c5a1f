import type { SharedPart } from "../../cache/memory-store.ts";
import { type Languages, nameIn, type NamesByLanguage } from "../../trpc/languages.ts";
import type { StoreFacts } from "./filters.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

/** The size of the objects around the text, the facts and the schedule that filtered calls and rows ask for included. */
const OVERHEAD_BYTES = 360;

/** Those that some cell in memory shows, by their stores' ids. */
const held = new Map<string, StoreJson>();

/** Quoted like these, keys cannot stand in a text. */
const CERTIFIER = ',"certifierId":';
const AFTER_NAME = ',"latitude":';
/** The first key that a marker does not have. */
const AFTER_MARKER = ',"address":';
/** No language is called like the hours, which follow. */
const NAMES = ',"names":';
const HOURS = ',"openingHours":';
const NO_NAMES = `${NAMES}{}`;
/** Where a store's own name is, after `{"id":"…","name":`. */
const NAME_START = 52;

/** Where `{"id":"…` has the id. */
const ID_START = 7;
const ID_LENGTH = 36;

/** The id of the store whose JSON starts there. */
export function idIn(json: Buffer, start: number): string {
  return json.toString("latin1", start + ID_START, start + ID_START + ID_LENGTH);
}

/** A store's JSON taken apart: the parts in a row are a marker's keys, the rest, and the opening state. */
export interface RowParts {
  readonly marker: string;
  readonly rest: string;
  /** The keys that no row shows: its names in other languages, its hours and its time zone. */
  readonly hidden: string;
}

/**
 * A store's JSON, one for all the cells in memory that show it.
 * Units: UTF-8, each byte as a character up to U+00FF: joining such texts costs less than copying bytes.
 */
export class StoreJson implements SharedPart {
  readonly id: string;
  readonly #length: number;
  #holders = 0;
  /** Undefined once it is taken apart. */
  #whole: string | undefined;
  #parts: RowParts | undefined;
  /** The last look at its names: neighbours speak alike. */
  #named: { readonly languages: Languages; readonly marker: string } | undefined;
  #facts: StoreFacts | undefined;
  #schedule: Schedule | undefined;

  constructor(id: string, json: string) {
    this.id = id;
    this.#length = json.length;
    this.#whole = json;
  }

  get bytes(): number {
    return this.#length + OVERHEAD_BYTES;
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

  /** A `StoreSummary` with its names in other languages, its hours and its time zone, but for the last brace. */
  get json(): string {
    if (this.#whole !== undefined) return this.#whole;
    const { marker, rest, hidden } = this.parts;
    return marker + rest + hidden;
  }

  /** Most stores of an entry are in no answer: taken apart when the first one is made. */
  get parts(): RowParts {
    if (this.#parts === undefined) {
      const json = this.#whole ?? "";
      const markerEnd = json.indexOf(AFTER_MARKER);
      const namesAt = json.indexOf(NAMES, markerEnd);
      this.#parts = {
        marker: copyOf(json.slice(0, markerEnd)),
        rest: copyOf(json.slice(markerEnd, namesAt)),
        hidden: copyOf(json.slice(namesAt)),
      };
      this.#whole = undefined;
    }
    return this.#parts;
  }

  /** The key of its names in other languages. */
  get names(): string {
    const { hidden } = this.parts;
    return hidden.slice(0, hidden.indexOf(HOURS));
  }

  /** Whether its JSON names the certifier; null: any. */
  isCertifiedBy(id: string | null): boolean {
    const { json } = this;
    return id === null
      ? !json.includes(`${CERTIFIER}null`)
      : json.includes(CERTIFIER + asBytes(JSON.stringify(id)));
  }

  #parse(): StoreFacts & Parameters<typeof scheduleOf>[0] {
    return JSON.parse(asText(`${this.json}}`)) as StoreFacts & Parameters<typeof scheduleOf>[0];
  }

  /** A marker's keys, with its name in the first language that it has one in, else its own. */
  markerIn(languages: Languages): string {
    const { marker, hidden } = this.parts;
    if (languages.key === "" || hidden.startsWith(NO_NAMES)) return marker;
    if (this.#named?.languages !== languages)
      this.#named = { languages, marker: renamed(marker, this.names, languages) };
    return this.#named.marker;
  }

  onHeld(isHeld: boolean): void {
    this.#holders += isHeld ? 1 : -1;
    if (this.#holders > 0) held.set(this.id, this);
    else if (held.get(this.id) === this) held.delete(this.id);
  }
}

function renamed(marker: string, names: string, languages: Languages): string {
  const byLanguage = JSON.parse(asText(names.slice(NAMES.length))) as NamesByLanguage;
  const name = nameIn(byLanguage, languages);
  if (name === undefined) return marker;
  const nameEnd = marker.indexOf(AFTER_NAME, NAME_START);
  const start = marker.slice(0, NAME_START) + asBytes(JSON.stringify(name));
  return copyOf(start + marker.slice(nameEnd));
}

/** A part of a text in memory of its own: it would keep the whole, and reading it is one step more. */
function copyOf(part: string): string {
  return Buffer.from(part, "latin1").toString("latin1");
}

function asBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function asText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString();
}

/** The one that is in memory already if its JSON is the same, else a new one. */
export function storeJsonOf(id: string, source: Buffer, start: number, end: number): StoreJson {
  const json = source.toString("latin1", start, end);
  const known = held.get(id);
  return known !== undefined && known.json === json ? known : new StoreJson(id, json);
}
