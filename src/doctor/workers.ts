import { fail, type Finding, ok, warn } from "./finding.ts";

/** The workers and the failed jobs of the queue. */
export interface WorkerFacts {
  readonly alive: number;
  /** Time since the last heartbeat of a worker; null without one. */
  readonly silentSeconds: number | null;
  readonly failedJobs: number;
  /** Why push notifications are stopped; null while they are not. */
  readonly pushHalted: string | null;
  /** The number of configured feeds of recalls, and those with at least `FEED_FAILURES_MIN` failures in a row. */
  readonly feeds: number;
  readonly failingFeeds: readonly { readonly url: string; readonly error: string | null }[];
}

/** Failures of a feed in a row from which it is reported. */
export const FEED_FAILURES_MIN = 3;

/** Checks that a worker runs, that no job has failed for good, and that push notifications and feeds are not stopped. */
export function checkWorkers(facts: WorkerFacts): Finding[] {
  const { alive, silentSeconds, failedJobs, pushHalted, feeds, failingFeeds } = facts;
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
  const push =
    pushHalted === null
      ? ok("push notifications", "not stopped")
      : fail(
          "push notifications",
          `stopped: ${pushHalted}`,
          "see docs/operations.md, push notifications are stopped",
        );
  const names = failingFeeds.map(({ url, error }) => `${new URL(url).host}: ${error ?? "unknown"}`);
  const recalls =
    names.length > 0
      ? warn("recall feeds", names.join("; "), "see docs/operations.md, a feed of recalls fails")
      : ok("recall feeds", feeds === 0 ? "none is configured" : `${feeds} are read`);
  return [workers, jobs, push, recalls];
}
