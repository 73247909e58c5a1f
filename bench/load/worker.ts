import { runClosedLoop } from "./closed-loop.ts";
import type { LoadJob } from "./job.ts";

/** The process of a load generator, which runs one job after the other. */
process.on("message", (job: LoadJob) => {
  void runClosedLoop(job).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
