import { fail, type Finding, ok, warn } from "./finding.ts";

/** The workers and the failed jobs of the queue. */
export interface WorkerFacts {
  readonly alive: number;
  /** Time since the last heartbeat of a worker; null without one. */
  readonly silentSeconds: number | null;
  readonly failedJobs: number;
}

/** Checks that a worker runs, and that no job has failed for good. */
export function checkWorkers({ alive, silentSeconds, failedJobs }: WorkerFacts): Finding[] {
  const workers =
    alive > 0
      ? ok("workers", `${alive} at work`)
      : fail(
          "workers",
          silentSeconds === null
            ? "none has ever run: no push notification goes out, and positions are kept"
            : `the last was seen ${Math.round(silentSeconds / 60)} min ago: no push notification goes out, and positions are kept`,
          "start one: npm run worker (compose: the service worker)",
        );
  const jobs =
    failedJobs === 0
      ? ok("failed jobs", "none")
      : warn(
          "failed jobs",
          `${failedJobs} failed for good within the last week`,
          "npm run jobs -- failed, then npm run jobs -- retry <queue>",
        );
  return [workers, jobs];
}
