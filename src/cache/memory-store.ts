/** What the memory tier keeps with a value. */
export interface MemoryEntry {
  readonly bytes: number;
  /** Set by a hit, cleared by the hand that looks for something to evict. */
  used: boolean;
}

/**
 * A map bounded in bytes. Eviction is second chance (CLOCK), so that a hit costs one look-up and one flag.
 * Source: Corbató, "A paging experiment with the Multics system", 1968.
 */
export class MemoryStore<E extends MemoryEntry> {
  readonly #entries = new Map<string, E>();
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
    this.delete(key);
    if (entry.bytes > this.#bytesMax / 4) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    while (this.#bytes > this.#bytesMax) this.#evictOne();
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  entries(): IterableIterator<[string, E]> {
    return this.#entries.entries();
  }

  #evictOne(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      if (!entry.used) {
        this.#bytes -= entry.bytes;
        this.evictions += 1;
        return;
      }
      entry.used = false;
      this.#entries.set(key, entry);
    }
  }
}
