import {
  type CacheEvent,
  EMPTY_SNAPSHOT,
  JOB_TOPIC,
  type JournalPage,
} from "../db/cache-events.ts";
import { covers, isVisible, parseSnapshot, type Snapshot } from "./snapshot.ts";

/** How the journal is followed. */
export interface JournalOptions {
  /** Gives the events that the snapshot `seen` did not see, at most `limit`. */
  readonly read: (seen: string, limit: number) => Promise<JournalPage>;
  /** Forgets old events; true when there may be more of them. */
  readonly trim: (olderThanSeconds: number) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  /** Told of each reading and when it began, on the clock of `performance.now()`. */
  readonly onRead?: (page: JournalPage, beganAt: number) => void;
  readonly intervalMs?: number;
}

/** Whether cached answers can be vouched for: `away` when the database was found not to answer. */
export type JournalState = "starting" | "following" | "away";

/** What one reading brought. */
interface Page {
  readonly position: number;
  readonly snapshot: Snapshot;
  readonly events: readonly CacheEvent[];
}

/**
 * A write is seen within 1 s everywhere, so what was confirmed longer ago than this is not vouched for.
 * The rest of the second is for the answer's way out.
 */
export const CONFIRMED_FOR_MS = 800;
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
  /** Oldest first; only readings that brought something. */
  #pages: Page[] = [];
  #eventCount = 0;
  /** What the last reading saw. */
  #seen = EMPTY_SNAPSHOT;
  /** Only answers that saw all that this saw can be judged: events up to it are forgotten. */
  #floor: Snapshot = parseSnapshot(EMPTY_SNAPSHOT);
  #floorPosition = 0;
  /** Judgements from before this position are void: it is another database, or events were missed. */
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
  /** Grows whenever a reading brings something that may end an answer's validity. */
  position = 0;
  /** When the last successful reading began; on the clock of `performance.now()`. */
  confirmedAt = Number.NEGATIVE_INFINITY;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** The database that the transaction numbers belong to; empty before the first reading. */
  get databaseId(): string {
    return this.#databaseId;
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
    await (this.#next ?? this.#reading)?.catch(() => {});
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

  /** Marks the journal as unconfirmed after a write whose event has not been read back. */
  markUnconfirmed(): void {
    this.#unconfirmedAt = performance.now();
    this.confirmedAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * Whether no known event that matters is newer than the snapshot (null: one that saw nothing).
   * With `since`, only what was read after that position counts: the earlier was judged before.
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
      if (this.state !== "away" && !this.#stopped) this.#options.onError(error);
      this.state = "away";
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
    // What was seen once stays seen, unless the database was set back.
    const isAnother =
      page.databaseId !== this.#databaseId || !covers(snapshot, parseSnapshot(this.#seen));
    const awayTooLong = page.nowMs - this.#databaseNowMs > (KEPT_SECONDS * 1000) / 2;
    const isCutShort = page.events.length >= EVENTS_MAX;
    this.#databaseId = page.databaseId;
    this.#databaseNowMs = page.nowMs;
    this.#seen = page.snapshot;
    if (isCutShort || (!isFirst && (isAnother || awayTooLong))) {
      this.position += 1;
      this.#pages = [];
      this.#eventCount = 0;
      this.#floor = snapshot;
      this.#floorPosition = this.position;
      this.#resetPosition = this.position;
      return;
    }
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
      // Reported by the reading; the next one tries again.
    }
    this.#schedule();
  }
}
