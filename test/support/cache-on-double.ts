import { vi } from "vitest";
import { Cache } from "../../src/cache/cache.ts";
import type { CachePolicy, Loaded } from "../../src/cache/policy.ts";
import { CacheStats } from "../../src/cache/stats.ts";
import { AppError } from "../../src/errors.ts";
import { text } from "../../src/texts/text.ts";
import { JournalDouble } from "./journal-double.ts";

/** A value that writes with its id as the reference affect. */
export const policy: CachePolicy<{ readonly id: string }, string> = {
  name: "store",
  shape: "test-1",
  freshSeconds: 100,
  key: ({ id }) => `test:${id}`,
  isAffected: (event, { id }) => event.ref === id,
  encode: (value) => Buffer.from(value),
  decode: (payload) => payload.toString(),
};

/** A cache in memory on a journal double, with two rows, under fake timers. */
export class CacheOnDouble {
  readonly double: JournalDouble;
  readonly stats = new CacheStats();
  readonly rows: Record<string, string> = { a: "old", b: "other" };
  readonly cache: Cache;
  nowMs = 1_000_000;
  loads = 0;
  /** Whether the tables are unavailable as well, while the journal is. */
  isAllAway = true;

  constructor() {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    this.double = new JournalDouble();
    this.cache = new Cache({
      memoryBytesMax: 1_000_000,
      redis: null,
      journal: this.double.journal,
      stats: this.stats,
      nowMs: () => this.nowMs,
    });
  }

  readonly load = (id: string): Promise<Loaded<string>> => {
    this.loads += 1;
    if (this.double.failure !== undefined && this.isAllAway)
      return Promise.reject(new AppError("SERVICE_UNAVAILABLE", text("database_away")));
    return Promise.resolve({ value: this.rows[id] ?? "none", snapshot: this.double.snapshot() });
  };

  readonly get = async (id: string): Promise<string> => {
    const { value, state } = await this.cache.get(policy, { id }, () => this.load(id));
    return `${state} ${value}`;
  };

  readonly write = (id: string, value: string): void => {
    this.rows[id] = value;
    this.double.commitWrite({ ref: id });
  };

  /** Advances both clocks, while the journal can be read or not. */
  readonly pass = async (ms: number, isRead = true): Promise<void> => {
    this.nowMs += ms;
    await vi.advanceTimersByTimeAsync(ms);
    if (isRead) await this.double.journal.sync().catch(() => {});
  };
}
