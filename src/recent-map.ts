/**
 * A bounded map: keeps the entries that were used last, in two generations. A full younger generation becomes the older
 * one, which is forgotten; an entry of the older one that is used moves back. Values are never undefined.
 * Source: docs/decisions/0007 has the comparison with lru-cache.
 */
export class RecentMap<K, V> {
  readonly #generationMax: number;
  readonly #keyLengthMax: number;
  #recent = new Map<K, V>();
  #older = new Map<K, V>();

  /** Units: entries; up to `entriesMax` are kept, and no text whose key is longer than `keyLengthMax` UTF-16 units. */
  constructor(entriesMax: number, keyLengthMax = Number.POSITIVE_INFINITY) {
    this.#generationMax = Math.ceil(entriesMax / 2);
    this.#keyLengthMax = keyLengthMax;
  }

  get(key: K): V | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const older = this.#older.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  /** A text as a key must be no part of a longer one, which it would keep in memory. */
  set(key: K, value: V): void {
    if (typeof key === "string" && key.length > this.#keyLengthMax) return;
    if (this.#recent.size >= this.#generationMax) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
  }
}
