/** Tags to be purged, or everything. */
export class PurgeSet {
  readonly #tags = new Set<string>();
  isEverything = false;

  get isEmpty(): boolean {
    return !this.isEverything && this.#tags.size === 0;
  }

  get tags(): readonly string[] {
    return [...this.#tags];
  }

  add(tags: Iterable<string>): void {
    for (const tag of tags) this.#tags.add(tag);
  }

  /** Adds another set. */
  merge(other: PurgeSet): void {
    this.add(other.#tags);
    this.isEverything ||= other.isEverything;
  }

  /** How many requests it takes. */
  requests(tagsMax: number): number {
    return this.isEverything ? 1 : Math.ceil(this.#tags.size / tagsMax);
  }
}
