import { fail, type Finding, ok, warn } from "./finding.ts";

/** What the queue knows of those that work on it. */
export interface WorkerFacts {
  readonly alive: number;
  /** Since the last sign of life; null when there never was one. */
  readonly silentSeconds: number | null;
  readonly failedJobs: number;
}

/** Checks that somebody works on the queue, and that nothing in it has failed for good. */
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
