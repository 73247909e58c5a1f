/** A call that failed on the short way; the long way tells its caller, and does not try again. */
export interface FailedCall {
  readonly error: unknown;
  /** On the clock of `performance.now()`. */
  readonly beganAt: number;
}

/** Failed calls of a request by `callKey`. */
export type FailedCalls = ReadonlyMap<string, FailedCall>;

/** Names a call: `store.byId {"id":"…"}`. */
export function callKey(path: string, input: unknown): string {
  return `${path} ${JSON.stringify(input) ?? ""}`;
}
