/** An answer of the edge's provider that is no success. */
export class PurgeError extends Error {
  override readonly name = "PurgeError";
  /** Seconds that the provider asks to wait; null when it does not say. */
  readonly retryAfterSeconds: number | null;

  constructor(message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
