import type { Logger } from "pino";
import type { Db } from "../db/client/database.ts";

/** Everything that a job's work may use. */
export interface JobContext {
  readonly db: Db;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Aborted when the worker stops or the job has run out of time: what is in hand is finished, no more is begun. */
  readonly signal: AbortSignal;
}

/**
 * Work that nobody waits for: one queue, one file. A job may run twice, after a crash or at the end of its time, so its
 * effects must be the same then.
 *
 *     export const removalsJob: Job = { queue: "retention-removals", schedule: "17 3 * * *", run: deleteOldRemovals };
 */
export interface Job {
  readonly queue: string;
  /** A cron expression in UTC, for a job that also starts by the clock. */
  readonly schedule?: string;
  /** How long a run may take before it counts as failed. Units: seconds. */
  readonly expireSeconds: number;
  /**
   * `exclusive`, the default: of jobs with one key one waits or runs. `short`: one waits, though another runs, which may
   * have begun before the reason for the new one.
   */
  readonly policy?: "exclusive" | "short";
  /** Runs of this queue at the same time in one worker. */
  readonly concurrency?: number;
  readonly run: (context: JobContext, data: Readonly<Record<string, unknown>>) => Promise<void>;
}
