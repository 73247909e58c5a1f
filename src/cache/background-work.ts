/** Work that goes on after the call that caused it was answered. */
export class BackgroundWork {
  readonly #running = new Set<Promise<unknown>>();

  /** Lets work run on; its errors are its own. */
  add(work: Promise<unknown> | undefined): void {
    if (work === undefined) return;
    const quiet = work.catch(() => {});
    this.#running.add(quiet);
    void quiet.then(() => this.#running.delete(quiet));
  }

  /** Resolves when everything that runs now has ended. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
