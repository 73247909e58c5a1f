/** Tracks work that continues after its call was answered. */
export class BackgroundWork {
  readonly #running = new Set<Promise<unknown>>();

  /** Tracks work that is already running, and ignores its errors because the work reports them. */
  add(work: Promise<unknown> | undefined): void {
    if (work === undefined) return;
    const quiet = work.catch(() => {});
    this.#running.add(quiet);
    void quiet.then(() => this.#running.delete(quiet));
  }

  /** Resolves when all tracked work has ended. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
