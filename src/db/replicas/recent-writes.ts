import { randomUUID } from "node:crypto";
import type { PrimaryReading } from "./replicas.ts";

/** Marks of users who wrote, which all processes share. */
export interface SharedMarks {
  /** Says that a user wrote and that it is not known yet where that lies in the log; false when it may not be heard. */
  begin(userId: string, token: string): Promise<boolean>;
  /** Says where, unless the user wrote again since. Units: bytes. */
  settle(userId: string, token: string, lsn: number): Promise<void>;
  /** Where the user's last write lies (0: none is remembered); null when that is not known. Units: bytes. */
  read(userId: string): Promise<number | null>;
}

interface LocalMark {
  /** Null until the primary has been asked after the write. */
  lsn: number | null;
  readonly token: string;
  /** From when on the primary's answer is known to lie behind the write; on the clock of `performance.now()`. */
  writtenAt: number;
  /** Whether the other processes know of it. */
  isShared: boolean;
}

/** Longer than any replica that is used can be behind. */
const REMEMBERED_MS = 10_000;

/**
 * Who wrote lately, and how far a replica must be to show it; shared with the other processes.
 * No statement is spent on it: the LSN comes with the journal's next reading that begins after the write.
 * A process that cannot reach Redis remembers only for itself: another one may then show the user rows that are
 * up to 1 s old. So it is when Redis forgets a mark, by eviction or failover.
 */
export class RecentWrites {
  readonly #shared: SharedMarks | null;
  /** By user, the oldest first. */
  readonly #marks = new Map<string, LocalMark>();
  #publicWrittenAt = Number.NEGATIVE_INFINITY;
  /** How far a replica must be to show what was written for everybody through this process; null: not known yet. */
  publicLsn: number | null = 0;

  constructor(shared: SharedMarks | null) {
    this.#shared = shared;
  }

  /** Remembers a write that has just been made; waits until the other processes know. */
  async add(userId: string, isPublic: boolean): Promise<void> {
    const mark: LocalMark = {
      lsn: null,
      token: randomUUID(),
      writtenAt: performance.now(),
      isShared: false,
    };
    if (isPublic) {
      this.publicLsn = null;
      this.#publicWrittenAt = mark.writtenAt;
    }
    if (this.#shared === null) return;
    this.#marks.delete(userId);
    this.#marks.set(userId, mark);
    const isHeard = await this.#shared.begin(userId, mark.token);
    // Another process's mark that this one replaced was of a write before now, which the LSN must cover too.
    mark.writtenAt = performance.now();
    mark.lsn = null;
    mark.isShared = isHeard;
  }

  /** Takes in what the primary said. */
  observe({ beganAt, lsn }: PrimaryReading): void {
    if (this.publicLsn === null && beganAt >= this.#publicWrittenAt) this.publicLsn = lsn;
    for (const [userId, mark] of this.#marks) {
      if (mark.lsn === null && beganAt >= mark.writtenAt) {
        mark.lsn = lsn;
        if (mark.isShared) void this.#shared?.settle(userId, mark.token, lsn);
      }
      if (mark.lsn !== null && beganAt - mark.writtenAt > REMEMBERED_MS) this.#marks.delete(userId);
    }
  }

  /** How far a replica must be to show all that a user wrote; null when only the primary certainly does. */
  async lsnOf(userId: string): Promise<number | null> {
    const mark = this.#marks.get(userId);
    if (this.#shared === null || mark?.lsn === null) return null;
    const sharedLsn = await this.#shared.read(userId);
    // Written to in the meantime, perhaps.
    const lsn = this.#marks.get(userId)?.lsn;
    return sharedLsn === null || lsn === null ? null : Math.max(sharedLsn, lsn ?? 0);
  }
}
