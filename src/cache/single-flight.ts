import type { CacheEvent } from "../db/cache-events.ts";
import type { Journal } from "./journal.ts";
import type { Cached } from "./policy.ts";

interface Flight {
  /** Whether a written row may be shown by what is being loaded. */
  readonly matters: (event: CacheEvent) => boolean;
  /** Where in the journal the replica was when it began. */
  readonly position: number;
  /** On the clock of `performance.now()`. */
  readonly beganAt: number;
  readonly result: Promise<Cached<unknown>>;
}

/** How old a load may be that a call joins while the journal cannot be read. */
const JOIN_UNCONFIRMED_MS = 800;

/** The loads under way in this process: one a key at a time. */
export class SingleFlight {
  readonly #journal: Journal;
  readonly #byKey = new Map<string, Flight>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Lets no later call join a load that is under way, because it began before a write that no event tells of. */
  clear(): void {
    this.#byKey.clear();
  }

  /** Joins the load of a key that is under way, or starts one. Errors: those of the load. */
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

  /** A call that comes after a write must not join a load that started before it. */
  #mayJoin({ matters, position, beganAt }: Flight, nowMs: number, confirmed: boolean): boolean {
    // With the journal unread, a load that began before a write could still be under way.
    if (!confirmed && nowMs - beganAt >= JOIN_UNCONFIRMED_MS) return false;
    return this.#journal.isCurrent(null, matters, position);
  }
}
