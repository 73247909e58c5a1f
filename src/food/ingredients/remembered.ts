/** Longer keys hardly ever come again. Units: UTF-16 units. */
export const MAX_KEY_LENGTH = 96;

/**
 * A map of what was worked out, for at most twice `room` keys. What was not asked for while `room` others came is dropped, so
 * keys that come once do not push out those that come all the time.
 */
export class Remembered<V> {
  readonly #room: number;
  #recent = new Map<string, V>();
  #earlier = new Map<string, V>();

  constructor(room: number) {
    this.#room = room;
  }

  get(key: string): V | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const earlier = this.#earlier.get(key);
    if (earlier !== undefined) this.set(key, earlier);
    return earlier;
  }

  /** Remembers a value other than undefined. `key` must be no part of a longer text, which it would keep in memory. */
  set(key: string, value: V): void {
    if (key.length > MAX_KEY_LENGTH) return;
    if (this.#recent.size >= this.#room) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
  }
}
