/**
 * A bounded map: keeps the entries that were used last, in two generations. A full younger generation becomes the older
 * one, which is forgotten; an entry of the older one that is used moves back. Values are never undefined.
 * Source: docs/decisions/0007 has the comparison with lru-cache.
 */
export class RecentMap<K, V> {
  readonly #generationMax: number;
  #recent = new Map<K, V>();
  #older = new Map<K, V>();

  /** Units: entries; up to `entriesMax` are kept. */
  constructor(entriesMax: number) {
    this.#generationMax = Math.ceil(entriesMax / 2);
  }

  get(key: K): V | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const older = this.#older.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: K, value: V): void {
    if (this.#recent.size >= this.#generationMax) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
  }
}
