import type { Job } from "./job.ts";
import { removalsJob } from "./removals.ts";
import { positionsJob } from "./scan-positions.ts";
import { trendsJob } from "./trends.ts";

/** What jobs are told of the configuration. */
export interface JobSettings {
  /** After how many days a scan's position is rounded. */
  readonly scanPositionDays: number;
}

/** Every job there is. */
export function listJobs({ scanPositionDays }: JobSettings): Job[] {
  return [removalsJob, positionsJob(scanPositionDays), trendsJob];
}
