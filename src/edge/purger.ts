import { setTimeout as pause } from "node:timers/promises";
import type { HeldReading } from "../db/held-journal.ts";
import type { EdgeProvider } from "./provider.ts";
import { PurgeError } from "./purge-error.ts";
import { PurgeSet } from "./purge-set.ts";
import { RateBucket } from "./rate-bucket.ts";
import { tagsOf } from "./tags-of-events.ts";

/** The parts of a purger. */
export interface PurgerParts {
  readonly provider: EdgeProvider;
  /**
   * Takes or keeps the lease and reads the journal on from a snapshot, or from what is done for good; null while another
   * instance has the lease. `done` is noted for the successor.
   */
  readonly read: (from: string | null, done: string | null) => Promise<HeldReading | null>;
  readonly onPurge: (purge: PurgeOutcome) => void;
  /** Called for the first of several failures in a row. */
  readonly onError: (error: unknown) => void;
  /** A clock that never goes back. Units: milliseconds. */
  readonly nowMs?: () => number;
}

/** One purge, as metrics count it. */
export interface PurgeOutcome {
  readonly kind: "tags" | "everything";
  readonly isDone: boolean;
  /** Since the oldest write that it is the first purge for; null for a repetition alone. Units: seconds. */
  readonly lagSeconds: number | null;
}

/** Writes are collected for so long. */
const INTERVAL_MS = 200;
/**
 * When a purge is repeated. Another instance may answer from before a write for 0.8 s, and the edge takes an answer that
 * is 0.3 s under way; 3 s are the longest any answer takes.
 */
const REPEATED_AFTER_MS: readonly number[] = [1_100, 3_000];
const RETRY_MAX_MS = 5_000;

/** Writes of one reading, whose purge is repeated until they are done for good. */
interface Batch {
  readonly purges: PurgeSet;
  /** The journal was read up to here. */
  readonly snapshot: string;
  readonly readAtMs: number;
  /** When its oldest write was made. */
  readonly oldestAtMs: number;
  /** The number of repetitions that it has had; null before the first purge. */
  repeated: number | null;
}

/**
 * Follows the journal and has the edge drop what writes may have changed. One instance does it, by a lease; its place
 * moves on when the last repetition is done, so that a successor begins with everything that may not be purged yet.
 */
export class EdgePurger {
  readonly #parts: PurgerParts;
  readonly #nowMs: () => number;
  readonly #bucket: RateBucket;
  #batches: Batch[] = [];
  #from: string | null = null;
  #done: string | null = null;
  #databaseId: string | null = null;
  #failures = 0;
  #isUnread = false;
  #notBeforeMs = 0;
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(parts: PurgerParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? (() => performance.now());
    this.#bucket = new RateBucket(parts.provider.rate, this.#nowMs());
  }

  /** Whether this instance has the lease. */
  get isHolder(): boolean {
    return this.#from !== null;
  }

  /** How long the oldest write waits for its first purge. Units: seconds. */
  get waitingSeconds(): number {
    const oldest = this.#batches.find(({ repeated }) => repeated === null);
    return oldest === undefined ? 0 : (this.#nowMs() - oldest.oldestAtMs) / 1000;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops; what is not done for good is the successor's. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const beganAt = this.#nowMs();
      await this.tick().catch((error: unknown) => this.#unread(error));
      const restMs = Math.max(0, INTERVAL_MS - (this.#nowMs() - beganAt));
      await pause(restMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Reads the journal once and purges what is due. Errors: those of the database. */
  async tick(): Promise<void> {
    const beganAt = this.#nowMs();
    const reading = await this.#parts.read(this.#from, this.#done);
    this.#isUnread = false;
    if (reading === null) {
      this.#batches = [];
      this.#from = null;
      this.#done = null;
      return;
    }
    this.#done = null;
    this.#take(reading, beganAt);
    await this.#purgeDue();
    // Also when nothing comes for long, so that the place does not grow too old.
    if (this.#batches.length === 0 && reading.isStale) this.#done = reading.snapshot;
  }

  #take(reading: HeldReading, readAtMs: number): void {
    const { databaseId, snapshot, isLost, lines, oldestAgeMs } = reading;
    const purges = new PurgeSet();
    purges.isEverything = isLost || (this.#databaseId !== null && this.#databaseId !== databaseId);
    for (const line of lines) purges.add(tagsOf(line));
    this.#databaseId = databaseId;
    this.#from = snapshot;
    if (lines.length === 0 && !purges.isEverything) return;
    let oldestAtMs = readAtMs - oldestAgeMs;
    const waiting = this.#batches.at(-1);
    if (waiting?.repeated === null) {
      // Writes that wait for the provider become one batch, however long that takes.
      this.#batches.pop();
      purges.merge(waiting.purges);
      oldestAtMs = waiting.oldestAtMs;
    }
    this.#batches.push({ purges, snapshot, readAtMs, oldestAtMs, repeated: null });
  }

  /** Purges, in as few requests as there can be, every batch that is due. */
  async #purgeDue(): Promise<void> {
    const { provider, onPurge } = this.#parts;
    const nowMs = this.#nowMs();
    if (nowMs < this.#notBeforeMs) return;
    const due = this.#batches.filter(({ repeated, readAtMs }) => {
      const afterMs = repeated === null ? 0 : (REPEATED_AFTER_MS[repeated] ?? 0);
      return nowMs >= readAtMs + afterMs;
    });
    const purges = new PurgeSet();
    for (const batch of due) purges.merge(batch.purges);
    if (due.length === 0) return;
    const available = this.#bucket.available(nowMs);
    // Over the provider's rate nothing can be sent: writes go on being collected until it can.
    if (available < 1) return;
    if (purges.requests(provider.tagsMax) > available) purges.isEverything = true;
    const first = due.filter(({ repeated }) => repeated === null);
    const oldestAtMs = Math.min(...first.map((batch) => batch.oldestAtMs));
    const kind = purges.isEverything ? "everything" : "tags";
    try {
      if (!purges.isEmpty) await this.#send(purges);
    } catch (error) {
      onPurge({ kind, isDone: false, lagSeconds: null });
      this.#failed(error);
      return;
    }
    this.#failures = 0;
    const lagSeconds = first.length === 0 ? null : (this.#nowMs() - oldestAtMs) / 1000;
    if (!purges.isEmpty) onPurge({ kind, isDone: true, lagSeconds });
    for (const batch of due) batch.repeated = batch.repeated === null ? 0 : batch.repeated + 1;
    this.#forgetDone();
  }

  /** A batch is done for good after its last repetition; those before it are, too. */
  #forgetDone(): void {
    while (this.#batches[0] !== undefined) {
      const { repeated, purges, snapshot } = this.#batches[0];
      if (!purges.isEmpty && (repeated ?? 0) < REPEATED_AFTER_MS.length) return;
      if (repeated === null) return;
      this.#batches.shift();
      this.#done = snapshot;
    }
  }

  async #send(purges: PurgeSet): Promise<void> {
    const { provider } = this.#parts;
    if (purges.isEverything) {
      this.#bucket.take(1);
      await provider.purgeEverything();
      return;
    }
    const { tags } = purges;
    for (let at = 0; at < tags.length; at += provider.tagsMax) {
      this.#bucket.take(1);
      await provider.purge(tags.slice(at, at + provider.tagsMax));
    }
  }

  #unread(error: unknown): void {
    if (!this.#isUnread && !this.#stopping.signal.aborted) this.#parts.onError(error);
    this.#isUnread = true;
  }

  #failed(error: unknown): void {
    if (this.#failures === 0 && !this.#stopping.signal.aborted) this.#parts.onError(error);
    this.#failures += 1;
    const asked = error instanceof PurgeError ? error.retryAfterSeconds : null;
    const waitMs = asked === null ? INTERVAL_MS * 2 ** Math.min(this.#failures, 10) : asked * 1000;
    this.#notBeforeMs = this.#nowMs() + (asked === null ? Math.min(waitMs, RETRY_MAX_MS) : waitMs);
  }
}
