import type { CacheEvent } from "../db/cache-events.ts";
import type { Journal } from "./journal.ts";
import type { Cached } from "./policy.ts";

interface Flight {
  /** Whether the value being loaded may show a written row. */
  readonly matters: (event: CacheEvent) => boolean;
  /** The journal's position when the load began. */
  readonly position: number;
  /** Units: clock of `performance.now()`. */
  readonly beganAt: number;
  readonly result: Promise<Cached<unknown>>;
}

/** The age up to which a call joins a load while the journal cannot be read. */
const JOIN_UNCONFIRMED_MS = 800;

/** The running loads of this process, one for each key. */
export class SingleFlight {
  readonly #journal: Journal;
  readonly #byKey = new Map<string, Flight>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Prevents later calls from joining running loads, because those began before a write whose event was not read. */
  clear(): void {
    this.#byKey.clear();
  }

  /** Joins the running load of a key, or starts one. Errors: those of the load. */
  join(
    key: string,
    matters: (event: CacheEvent) => boolean,
    confirmed: boolean,
    start: () => Promise<Cached<unknown>>,
  ): Promise<Cached<unknown>> {
    const underway = this.#byKey.get(key);
    const beganAt = performance.now();
    if (underway !== undefined && this.#mayJoin(underway, beganAt, confirmed))
      return underway.result;
    const { position } = this.#journal;
    const flight = { matters, position, beganAt, result: start() };
    this.#byKey.set(key, flight);
    const over = () => {
      if (this.#byKey.get(key) === flight) this.#byKey.delete(key);
    };
    flight.result.then(over, over);
    return flight.result;
  }

  /** A call that comes after a write must not join a load that started before the write. */
  #mayJoin({ matters, position, beganAt }: Flight, nowMs: number, confirmed: boolean): boolean {
    // While the journal cannot be read, an older load may have begun before a write of which no event is known.
    if (!confirmed && nowMs - beganAt >= JOIN_UNCONFIRMED_MS) return false;
    return this.#journal.isCurrent(null, matters, position);
  }
}
