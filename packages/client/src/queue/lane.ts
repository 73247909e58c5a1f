import type { ErrorReason } from "../../../../src/error-reasons.ts";
import type { LaneName, QueuedChange } from "../storage/storage.ts";

/** The outcome of sending one change. */
export type SentOutcome =
  | { readonly state: "accepted"; readonly answer: unknown }
  | {
      readonly state: "refused";
      readonly code: string;
      readonly message: string;
      readonly reason?: ErrorReason | undefined;
    }
  /** Not now: it is sent again later, and nothing that stands behind it before. */
  | { readonly state: "later"; readonly retryAfterSeconds: number };

/** Options of a call of tRPC; with a sender the call fails when somebody else is signed in by then. */
export interface CallOptions {
  readonly context: Record<string, unknown>;
}

/** A kind of change, and how some of them are sent in one call. */
export interface Lane {
  readonly name: LaneName;
  /** Changes of one call at most. */
  readonly batchMax: number;
  /** Gives an outcome for each change, in order. Errors: those of the call as a whole. */
  send(changes: readonly QueuedChange[], options: CallOptions): Promise<readonly SentOutcome[]>;
}
