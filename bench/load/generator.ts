import { once } from "node:events";
import { LOAD_CPUS, spawnNode, stopProcess } from "../processes.ts";
import type { LoadJob, LoadResult } from "./job.ts";

/** A process that generates load on another core than that of the measured process. */
export interface LoadGenerator {
  run(job: LoadJob): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts the load generator's process. */
export function startGenerator(): LoadGenerator {
  const child = spawnNode(["bench/load/worker.ts"], { cpus: LOAD_CPUS, logFile: null });
  return {
    async run(job) {
      child.send(job);
      const [result] = (await once(child, "message")) as [LoadResult];
      return result;
    },
    stop: () => stopProcess(child),
  };
}
