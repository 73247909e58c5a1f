import { runClosedLoop } from "./closed-loop.ts";
import type { LoadJob } from "./job.ts";

/** The load generator's process: does one job after the other. */
process.on("message", (job: LoadJob) => {
  void runClosedLoop(job).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
