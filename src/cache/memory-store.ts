/** A part of a value that several entries may share; its memory counts once. */
export interface SharedPart {
  readonly bytes: number;
  /** Receives true when the first entry refers to the part, and false when the last such entry was removed. */
  readonly onHeld: (isHeld: boolean) => void;
}

/** Memory per byte of JSON: of the parsed value, and of an answer made from it with its compressed form. */
const VALUE_PER_JSON_BYTE = 1.3;
const ANSWER_PER_JSON_BYTE = 1.4;
const ANSWER_BYTES = 700;

/**
 * Estimates the memory of a value and its kept answers from the length of its JSON.
 * Units: bytes.
 * Source: measured, `test/integration/cache/memory-size.test.ts`.
 */
export function jsonInMemory(jsonBytes: number, answers: number): number {
  return Math.ceil(
    VALUE_PER_JSON_BYTE * jsonBytes + answers * (ANSWER_BYTES + ANSWER_PER_JSON_BYTE * jsonBytes),
  );
}

/** The fields that the memory store needs of an entry. */
export interface MemoryEntry {
  /** Size without the shared parts. */
  readonly bytes: number;
  readonly parts: readonly SharedPart[];
  /** Set by a hit, cleared when eviction passes the entry. */
  used: boolean;
}

/**
 * A map bounded in bytes. Eviction is second chance (CLOCK), because a hit then costs one look-up and one flag.
 * Source: Corbató, "A paging experiment with the Multics system", 1968.
 */
export class MemoryStore<E extends MemoryEntry> {
  readonly #entries = new Map<string, E>();
  /** How many entries refer to each part. */
  readonly #holders = new Map<SharedPart, number>();
  readonly #bytesMax: number;
  #bytes = 0;
  evictions = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): E | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  set(key: string, entry: E): void {
    const before = this.#entries.get(key);
    this.#entries.delete(key);
    const bytes = entry.parts.reduce((sum, part) => sum + part.bytes, entry.bytes);
    if (bytes <= this.#bytesMax / 4) {
      this.#entries.set(key, entry);
      this.#hold(entry);
    }
    // Released after the new entry is counted, so that parts of both entries are kept.
    if (before !== undefined) this.#letGo(before);
    while (this.#bytes > this.#bytesMax) this.#evictOne();
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#letGo(entry);
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.delete(key);
  }

  entries(): IterableIterator<[string, E]> {
    return this.#entries.entries();
  }

  #hold(entry: E): void {
    this.#bytes += entry.bytes;
    for (const part of entry.parts) {
      const holders = this.#holders.get(part) ?? 0;
      this.#holders.set(part, holders + 1);
      if (holders > 0) continue;
      this.#bytes += part.bytes;
      part.onHeld(true);
    }
  }

  #letGo(entry: E): void {
    this.#bytes -= entry.bytes;
    for (const part of entry.parts) {
      const holders = (this.#holders.get(part) ?? 0) - 1;
      if (holders > 0) {
        this.#holders.set(part, holders);
        continue;
      }
      this.#holders.delete(part);
      this.#bytes -= part.bytes;
      part.onHeld(false);
    }
  }

  #evictOne(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      if (!entry.used) {
        this.#letGo(entry);
        this.evictions += 1;
        return;
      }
      entry.used = false;
      this.#entries.set(key, entry);
    }
  }
}
