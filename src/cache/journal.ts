import type { CacheEvent, JournalPage } from "../db/cache-events.ts";
import { isVisible, parseSnapshot, type Snapshot } from "./snapshot.ts";

/** How the journal is followed. */
export interface JournalOptions {
  readonly read: (sinceXid: number, limit: number) => Promise<JournalPage>;
  readonly trim: (olderThanSeconds: number) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number;
}

/** What a reading brought; `reset` when all that was known had to be given up. */
export interface JournalNews {
  readonly events: readonly CacheEvent[];
  readonly reset: boolean;
}

/** Whether cached answers can be vouched for: `away` when the database was found not to answer. */
export type JournalState = "starting" | "following" | "away";

/**
 * A write is seen within 1 s everywhere, so what was confirmed longer ago than this is not vouched for.
 * The rest of the second is for the events' way into memory.
 */
const CONFIRMED_FOR_MS = 800;
const INTERVAL_MS = 200;
/** Longer than any entry lives anywhere: fresh for at most 1.1 h, and an hour more while the database is away. */
const KEPT_SECONDS = 3 * 3600;
const TRIM_INTERVAL_MS = 15 * 60_000;
const EVENTS_MAX = 20_000;

/**
 * Follows the database's journal of writes, which triggers keep in each write's own transaction.
 * An answer holds exactly as long as every event that could affect it was visible to the statement it came from;
 * so a reader that loaded before a write can never pass its answer off as newer, whenever and wherever it stores it.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #listeners: ((news: JournalNews) => void)[] = [];
  #events: CacheEvent[] = [];
  /** Events already taken whose transactions the next reading covers again. */
  #seen: ReadonlySet<number> = new Set();
  #sinceXid = 0;
  /** Answers from before this transaction cannot be judged any more. */
  #floorXid = 0;
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #trimmedAt = 0;
  #databaseId = "";
  #readAt = Number.NEGATIVE_INFINITY;
  #doubtedAt = Number.NEGATIVE_INFINITY;
  state: JournalState = "starting";
  /** When the last successful reading began; on the clock of `performance.now()`. */
  confirmedAt = Number.NEGATIVE_INFINITY;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** The database that the transaction numbers belong to; empty before the first reading. */
  get databaseId(): string {
    return this.#databaseId;
  }

  /** Calls back with news before anything confirmed by that reading is served. */
  onNews(listener: (news: JournalNews) => void): void {
    this.#listeners.push(listener);
  }

  /** Begins to follow; the first reading need not succeed. */
  async start(): Promise<void> {
    await this.sync().catch(() => {});
    this.#schedule();
  }

  /** Stops following and waits for a reading under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#reading?.catch(() => {});
  }

  /** Whether everything written until 1 s ago is known here. */
  isConfirmed(nowMs: number): boolean {
    return nowMs - this.confirmedAt <= CONFIRMED_FOR_MS;
  }

  /**
   * Reads the journal now: a reading that begins after this call.
   * Errors: those of the database.
   */
  sync(): Promise<void> {
    if (this.#reading === undefined) return this.#begin();
    this.#next ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  /** Says that a write was made whose event could not be read yet: nothing is vouched for until it is. */
  doubt(): void {
    this.#doubtedAt = performance.now();
    this.confirmedAt = Number.NEGATIVE_INFINITY;
  }

  /** Whether no known event that matters is newer than the snapshot. */
  isCurrent(snapshot: Snapshot, matters: (event: CacheEvent) => boolean): boolean {
    if (snapshot.xmin < this.#floorXid) return false;
    for (let i = this.#events.length - 1; i >= 0; i -= 1) {
      const event = this.#events[i];
      if (event !== undefined && !isVisible(snapshot, event.xid) && matters(event)) return false;
    }
    return true;
  }

  #begin(): Promise<void> {
    const beganAt = performance.now();
    const reading = this.#read(beganAt);
    this.#reading = reading;
    const over = () => {
      if (this.#reading === reading) this.#reading = undefined;
    };
    reading.then(over, over);
    return reading;
  }

  async #read(beganAt: number): Promise<void> {
    let page: JournalPage;
    try {
      page = await this.#options.read(this.#sinceXid, EVENTS_MAX);
    } catch (error) {
      if (this.state !== "away") this.#options.onError(error);
      this.state = "away";
      throw error;
    }
    this.#take(page, beganAt);
    if (beganAt >= this.#doubtedAt) this.confirmedAt = beganAt;
    this.state = "following";
  }

  #take(page: JournalPage, beganAt: number): void {
    const snapshot = parseSnapshot(page.snapshot);
    const begun = this.#databaseId !== "";
    const anotherDatabase =
      begun && (page.databaseId !== this.#databaseId || snapshot.xmax < this.#sinceXid);
    const awayTooLong = begun && beganAt - this.#readAt > (KEPT_SECONDS * 1000) / 2;
    const incomplete = page.events.length >= EVENTS_MAX;
    const reset = anotherDatabase || awayTooLong || incomplete;
    if (reset) {
      this.#events = [];
      this.#floorXid = snapshot.xmax;
    }
    this.#databaseId = page.databaseId;
    this.#readAt = beganAt;
    const events = page.events
      .filter((event) => anotherDatabase || !this.#seen.has(event.id))
      .toReversed();
    for (const event of events) this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#forgetOldest();
    // Transactions from here on may still commit events whose numbers are below ones already read.
    this.#sinceXid = snapshot.xmin;
    this.#seen = new Set(
      page.events.filter((event) => event.xid >= snapshot.xmin).map((event) => event.id),
    );
    if (events.length > 0 || reset)
      for (const listener of this.#listeners) listener({ events, reset });
  }

  #forgetOldest(): void {
    const dropped = this.#events.splice(0, this.#events.length - EVENTS_MAX / 2);
    for (const event of dropped) this.#floorXid = Math.max(this.#floorXid, event.xid + 1);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.#tick();
    }, this.#options.intervalMs ?? INTERVAL_MS);
  }

  async #tick(): Promise<void> {
    try {
      await this.sync();
      if (performance.now() - this.#trimmedAt > TRIM_INTERVAL_MS) {
        this.#trimmedAt = performance.now();
        await this.#options.trim(KEPT_SECONDS);
      }
    } catch {
      // Reported by the reading; the next one tries again.
    }
    this.#schedule();
  }
}
