import { Journal } from "../../src/cache/journal.ts";
import { isVisible, parseSnapshot } from "../../src/cache/snapshot.ts";
import type { CacheEvent, JournalPage } from "../../src/db/cache-events.ts";

/** A model of the rows that PostgreSQL keeps and shows, transaction by transaction; the journal under test reads it. */
export class JournalDouble {
  databaseId = "1/1/1";
  nowMs = 1_000_000;
  failure: Error | undefined;
  readonly errors: unknown[] = [];
  readonly trims: number[] = [];
  trimRounds = 0;
  readings = 0;
  /** Set to hold readings back; they see what is there when they began. */
  held: Promise<void> | undefined;
  #nextXid = 100;
  #nextId = 1;
  readonly #running = new Set<number>();
  #events: CacheEvent[] = [];
  readonly journal: Journal;

  constructor(intervalMs = 3_600_000) {
    this.journal = new Journal({
      read: (seen, limit) => this.#read(seen, limit),
      trim: (olderThanSeconds) => {
        this.trims.push(olderThanSeconds);
        this.trimRounds -= 1;
        return Promise.resolve(this.trimRounds > 0);
      },
      onError: (error) => this.errors.push(error),
      intervalMs,
    });
  }

  begin(): number {
    const xid = this.#nextXid;
    this.#nextXid += 1;
    this.#running.add(xid);
    return xid;
  }

  /** Writes a line in a running transaction; nobody sees it before `commit`. */
  write(xid: number, event: Partial<CacheEvent> = {}): void {
    this.#events.push({
      id: this.#nextId,
      xid,
      topic: "store",
      ref: null,
      latitude: null,
      longitude: null,
      storeType: null,
      halalCertified: null,
      ...event,
    });
    this.#nextId += 1;
  }

  commit(xid: number): void {
    this.#running.delete(xid);
  }

  rollback(xid: number): void {
    this.#running.delete(xid);
    this.#events = this.#events.filter((event) => event.xid !== xid);
  }

  /** One write in a transaction of its own. */
  commitWrite(event: Partial<CacheEvent> = {}): void {
    const xid = this.begin();
    this.write(xid, event);
    this.commit(xid);
  }

  /** `pg_current_snapshot()` now. */
  snapshot(): string {
    const running = Array.from(this.#running).toSorted((a, b) => a - b);
    return `${running[0] ?? this.#nextXid}:${this.#nextXid}:${running.join(",")}`;
  }

  /** Becomes a database that was set back, its later transactions lost. */
  setBack(xid: number): void {
    this.#nextXid = xid;
    this.#running.clear();
    this.#events = this.#events.filter((event) => event.xid < xid);
  }

  forgetAll(): void {
    this.#events = [];
  }

  async #read(seen: string, limit: number): Promise<JournalPage> {
    this.readings += 1;
    const page = this.#page(seen, limit);
    await this.held;
    if (this.failure !== undefined) throw this.failure;
    return page;
  }

  #page(seen: string, limit: number): JournalPage {
    const before = parseSnapshot(seen);
    const text = this.snapshot();
    const now = parseSnapshot(text);
    const events = this.#events
      .filter(({ xid }) => isVisible(now, xid) && !isVisible(before, xid))
      .toSorted((a, b) => b.xid - a.xid)
      .slice(0, limit);
    return { databaseId: this.databaseId, snapshot: text, nowMs: this.nowMs, lsn: 0, events };
  }
}
