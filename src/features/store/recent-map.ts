/** A map that keeps about as many entries as told, those that were used last. */
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
