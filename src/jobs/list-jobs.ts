import type { DeliveryState } from "../db/tables/vocabulary.ts";
import type { Job } from "./job.ts";
import { orphansJob } from "./orphans.ts";
import type { PushService } from "./push/expo.ts";
import { pushRetentionJob } from "./push/retention.ts";
import { planningJob } from "./push/planning.ts";
import { receiptsJob } from "./push/receipts.ts";
import { type ImportFeed, recallFeedsJob } from "./recall-feeds.ts";
import { type AnalyseOutdated, recomputeJob } from "./recompute.ts";
import { removalsJob } from "./removals.ts";
import { positionsJob } from "./scan-positions.ts";
import { trendsJob } from "./trends.ts";

/** The parts of the configuration and of the process that jobs use. */
export interface JobSettings {
  /** After how many days a scan's position is rounded. */
  readonly scanPositionDays: number;
  readonly pushService: PushService;
  readonly analyseOutdated: AnalyseOutdated;
  readonly recallFeeds: readonly string[];
  readonly importFeed: ImportFeed;
  /** Counts what became of deliveries. */
  readonly onOutcome: (state: DeliveryState, count: number) => void;
}

/** Every job there is. */
export function listJobs(settings: JobSettings): Job[] {
  const { scanPositionDays, pushService, analyseOutdated, recallFeeds, importFeed, onOutcome } =
    settings;
  return [
    removalsJob,
    orphansJob,
    positionsJob(scanPositionDays),
    trendsJob,
    planningJob,
    receiptsJob(pushService, onOutcome),
    pushRetentionJob,
    recomputeJob(analyseOutdated),
    recallFeedsJob(recallFeeds, importFeed),
  ];
}
