import type { Instance } from "./stack.ts";

/** Within this time every instance shows a write. */
const SEEN_WITHIN_MS = 1_000;

interface Write {
  readonly version: number;
  readonly instance: Instance | null;
  readonly beganAt: number;
  returnedAt: number;
}

/** Records the writes with their times, and returns which versions of a store a read may show. */
export class VersionChecker {
  readonly #writes = new Map<string, Write[]>();
  readonly violations: object[] = [];
  readonly tookMs: number[] = [];
  reads = 0;
  writes = 0;

  begin(id: string, version: number, instance: Instance | null): Write {
    const write = {
      version,
      instance,
      beganAt: performance.now(),
      returnedAt: Number.POSITIVE_INFINITY,
    };
    const known = this.#writes.get(id) ?? [];
    known.push(write);
    this.#writes.set(id, known);
    return write;
  }

  end(write: Write): void {
    write.returnedAt = performance.now();
    this.writes += 1;
  }

  /** Returns the oldest version that a read from that time may show, and the newest one written by now. */
  allowed(id: string, instance: Instance, readBeganAt: number): { oldest: number; newest: number } {
    let oldest = 0;
    let newest = 0;
    for (const write of this.#writes.get(id) ?? []) {
      const dueAt = write.returnedAt + (write.instance === instance ? 0 : SEEN_WITHIN_MS);
      if (dueAt < readBeganAt) oldest = Math.max(oldest, write.version);
      newest = Math.max(newest, write.version);
    }
    return { oldest, newest };
  }

  checkVersion(id: string, version: number, instance: Instance, readBeganAt: number, how: object) {
    const { oldest, newest } = this.allowed(id, instance, readBeganAt);
    if (version < oldest || version > newest)
      this.violations.push({ id, version, oldest, newest, ...how });
  }

  /** Whether the presence or absence of a store at a place fits a version that the read may show. */
  checkPresence(
    id: string,
    place: number,
    isShown: boolean,
    instance: Instance,
    readBeganAt: number,
    how: object,
  ) {
    const { oldest, newest } = this.allowed(id, instance, readBeganAt);
    for (let version = oldest; version <= newest; version += 1)
      if ((version % 2 === place) === isShown) return;
    this.violations.push({ id, place, isShown, oldest, newest, ...how });
  }
}
