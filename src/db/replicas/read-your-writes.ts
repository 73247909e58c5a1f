import { randomUUID } from "node:crypto";
import type { PrimaryReading } from "./replicas.ts";

/** Marks of users who wrote, shared by all instances. */
export interface SharedMarks {
  /** Marks a write whose position in the log is not known yet; returns false when the mark may be lost. */
  begin(userId: string, token: string): Promise<boolean>;
  /** Records the position of a marked write, unless the user has written again. Units: bytes. */
  settle(userId: string, token: string, lsn: number): Promise<void>;
  /** Returns the position of the user's last write, 0 without one, or null when unknown. Units: bytes. */
  read(userId: string): Promise<number | null>;
}

interface LocalMark {
  /** Null until a reading of the primary that began after the write. */
  lsn: number | null;
  readonly token: string;
  /** A reading of the primary that begins after this covers the write. Units: clock of `performance.now()`. */
  writtenAt: number;
  /** Whether the other instances see the mark. */
  isShared: boolean;
}

/** Longer than the lag of any replica that is used. */
const REMEMBERED_MS = 10_000;

/**
 * Remembers which users wrote recently, and the log position that a replica must have reached to show their writes.
 * The position comes with the journal's next reading, so a write costs no extra statement.
 * If Redis is unavailable or loses a mark, other instances may show the user rows that are up to 1 s old.
 */
export class ReadYourWrites {
  readonly #shared: SharedMarks | null;
  /** The marks by user, the oldest first. */
  readonly #marks = new Map<string, LocalMark>();
  #publicWrittenAt = Number.NEGATIVE_INFINITY;
  /** The position at which a replica shows this instance's public writes; null while unknown. Units: bytes. */
  publicLsn: number | null = 0;

  constructor(shared: SharedMarks | null) {
    this.#shared = shared;
  }

  /** Remembers a write that has just been made, and waits until the mark is shared. */
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
    // This mark may have replaced another instance's mark of an earlier write, which the position must cover as well.
    mark.writtenAt = performance.now();
    mark.lsn = null;
    mark.isShared = isHeard;
  }

  /** Processes a reading of the primary. */
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

  /** Returns the position at which a replica shows all of a user's writes, or null when only the primary does. */
  async lsnOf(userId: string): Promise<number | null> {
    const mark = this.#marks.get(userId);
    if (this.#shared === null || mark?.lsn === null) return null;
    const sharedLsn = await this.#shared.read(userId);
    // Read again, because the user may have written in the meantime.
    const lsn = this.#marks.get(userId)?.lsn;
    return sharedLsn === null || lsn === null ? null : Math.max(sharedLsn, lsn ?? 0);
  }
}
