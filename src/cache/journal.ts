import {
  type CacheEvent,
  EMPTY_SNAPSHOT,
  JOB_TOPIC,
  type JournalPage,
} from "../db/cache-events.ts";
import { covers, isVisible, parseSnapshot, type Snapshot } from "./snapshot.ts";

/** How a `Journal` reads and trims the journal. */
export interface JournalOptions {
  /** Returns the events that the snapshot `seen` did not see, at most `limit`. */
  readonly read: (seen: string, limit: number) => Promise<JournalPage>;
  /** Deletes old events; returns true when there may be more of them. */
  readonly trim: (olderThanSeconds: number) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  /** Receives each page and when its reading began. Units: clock of `performance.now()`. */
  readonly onRead?: (page: JournalPage, beganAt: number) => void;
  readonly intervalMs?: number;
}

/** Whether the journal can be read; `unavailable` when its last reading failed. */
export type JournalState = "starting" | "following" | "unavailable";

/** How far back an instance knows the journal. Units: transaction numbers of the database. */
export interface Reach {
  readonly databaseId: string;
  /** Every event from this one on is remembered. */
  readonly completeFrom: number;
  /** Every transaction below this one had ended when the journal was read last. */
  readonly endedBelow: number;
}

/** The events that one reading found. */
interface Page {
  readonly position: number;
  readonly snapshot: Snapshot;
  readonly events: readonly CacheEvent[];
}

/**
 * How long a reading confirms cached answers. Every instance must show a write within 1 s; the remaining 200 ms are
 * for sending the answer.
 */
export const CONFIRMED_FOR_MS = 800;
const INTERVAL_MS = 200;
/** Longer than any entry lives: at most 1.65 h fresh, and one hour more while the database is unavailable. */
export const KEPT_SECONDS = 3 * 3600;
const TRIM_INTERVAL_MS = 15 * 60_000;
const EVENTS_MAX = 20_000;

/**
 * Follows the database's journal of writes, into which triggers write events in each write's own transaction.
 * An answer is valid as long as every event that could affect it was visible to the statement that loaded it.
 * Snapshots decide this instead of times, so an answer loaded before a write is recognised whenever it is stored.
 */
export class Journal {
  readonly #options: JournalOptions;
  /** The readings that found events, oldest first. */
  #pages: Page[] = [];
  #eventCount = 0;
  /** The snapshot of the last reading. */
  #seen = EMPTY_SNAPSHOT;
  /** Events up to this snapshot are forgotten, so only answers whose snapshot covers it can be checked. */
  #floor: Snapshot = parseSnapshot(EMPTY_SNAPSHOT);
  #floorPosition = 0;
  /** From this transaction number on every event is remembered. */
  #completeFrom = Number.POSITIVE_INFINITY;
  /** Checks made before this position are void, because the database changed or events were missed. */
  #resetPosition = 0;
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #trimFrom = performance.now() + TRIM_INTERVAL_MS;
  #databaseId = "";
  #databaseNowMs = 0;
  #unconfirmedAt = Number.NEGATIVE_INFINITY;
  state: JournalState = "starting";
  /** Grows with every reading that may invalidate an answer. */
  position = 0;
  /** When the last successful reading began. Units: clock of `performance.now()`. */
  confirmedAt = Number.NEGATIVE_INFINITY;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** The database that the transaction numbers belong to, or an empty string before the first reading. */
  get databaseId(): string {
    return this.#databaseId;
  }

  /** Starts following the journal. The first reading may fail. */
  async start(): Promise<void> {
    await this.sync().catch(() => {});
    this.#schedule();
  }

  /** Stops following the journal and waits for a running reading. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await (this.#next ?? this.#reading)?.catch(() => {});
  }

  /** Whether this instance knows of everything written until 1 s ago. */
  isConfirmed(nowMs: number): boolean {
    return nowMs - this.confirmedAt <= CONFIRMED_FOR_MS;
  }

  /**
   * Reads the journal, with a reading that begins after this call.
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

  /** Marks the journal as unconfirmed after a write whose event has not been read back. */
  markUnconfirmed(): void {
    this.#unconfirmedAt = performance.now();
    this.confirmedAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * Whether no known event that matters is newer than the snapshot; null is a snapshot that saw nothing.
   * With `since`, only events read after that position are checked, because the caller checked the earlier ones.
   */
  isCurrent(
    snapshot: Snapshot | null,
    matters: (event: CacheEvent) => boolean,
    since = -1,
  ): boolean {
    if (since !== -1 && since < this.#resetPosition) return false;
    if (since < this.#floorPosition && (snapshot === null || !covers(snapshot, this.#floor)))
      return false;
    for (let i = this.#pages.length - 1; i >= 0; i -= 1) {
      const page = this.#pages[i];
      if (page === undefined || page.position <= since) break;
      if (snapshot !== null && covers(snapshot, page.snapshot)) break;
      for (const event of page.events) {
        if ((snapshot === null || !isVisible(snapshot, event.xid)) && matters(event)) return false;
      }
    }
    return true;
  }

  /** The transactions of which every event is remembered: from the first number, and to below the second all have ended. */
  get reach(): Reach {
    const { xmin } = parseSnapshot(this.#seen);
    return { databaseId: this.#databaseId, completeFrom: this.#completeFrom, endedBelow: xmin };
  }

  /** The events of transactions from this number on; null where some are forgotten. */
  eventsFrom(xid: number): readonly CacheEvent[] | null {
    if (xid < this.#completeFrom) return null;
    return this.#pages.flatMap(({ events }) => events.filter((event) => event.xid >= xid));
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
      page = await this.#options.read(this.#seen, EVENTS_MAX);
    } catch (error) {
      if (this.state !== "unavailable" && !this.#stopped) this.#options.onError(error);
      this.state = "unavailable";
      throw error;
    }
    this.#take(page);
    this.#options.onRead?.(page, beganAt);
    if (beganAt >= this.#unconfirmedAt) this.confirmedAt = beganAt;
    this.state = "following";
  }

  #take(page: JournalPage): void {
    const snapshot = parseSnapshot(page.snapshot);
    const isFirst = this.#databaseId === "";
    // A snapshot never sees less than an earlier one, unless the database was restored to an earlier state.
    const isAnotherDatabase =
      page.databaseId !== this.#databaseId || !covers(snapshot, parseSnapshot(this.#seen));
    const isGapTooLong = page.nowMs - this.#databaseNowMs > (KEPT_SECONDS * 1000) / 2;
    const isCutShort = page.events.length >= EVENTS_MAX;
    this.#databaseId = page.databaseId;
    this.#databaseNowMs = page.nowMs;
    this.#seen = page.snapshot;
    if (isCutShort || (!isFirst && (isAnotherDatabase || isGapTooLong))) {
      this.position += 1;
      this.#pages = [];
      this.#eventCount = 0;
      this.#floor = snapshot;
      this.#floorPosition = this.position;
      this.#resetPosition = this.position;
      this.#completeFrom = snapshot.xmax;
      return;
    }
    // The first reading has events of before, and some may have been trimmed.
    if (isFirst) this.#completeFrom = snapshot.xmin;
    // No cached answer shows jobs.
    const events = page.events.filter(({ topic }) => topic !== JOB_TOPIC);
    if (events.length > 0) {
      this.position += 1;
      this.#pages.push({ position: this.position, snapshot, events });
      this.#eventCount += events.length;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    while (this.#eventCount > EVENTS_MAX) {
      const page = this.#pages.shift();
      if (page === undefined) break;
      this.#eventCount -= page.events.length;
      this.#floor = page.snapshot;
      this.#floorPosition = page.position;
      this.#completeFrom = Math.max(this.#completeFrom, page.snapshot.xmax);
    }
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
      if (performance.now() >= this.#trimFrom) {
        const isMore = await this.#options.trim(KEPT_SECONDS);
        if (!isMore) this.#trimFrom = performance.now() + TRIM_INTERVAL_MS;
      }
    } catch {
      // `#read` reports the error, and the next tick tries again.
    }
    this.#schedule();
  }
}
