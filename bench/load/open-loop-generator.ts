import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { OpenLoopJob, OpenLoopResult } from "./open-loop.ts";

/** A thread that sends requests when they are due. */
export interface OpenLoopGenerator {
  run(job: OpenLoopJob): Promise<OpenLoopResult>;
  stop(): Promise<void>;
}

/** Starts the thread of an open loop. */
export function startOpenLoopGenerator(): OpenLoopGenerator {
  const worker = new Worker(new URL("open-loop-worker.ts", import.meta.url));
  return {
    async run(job) {
      const { dueMs, kinds, calls, ends, bytes } = job.schedule;
      worker.postMessage(
        job,
        [dueMs, kinds, calls, ends, bytes].map(({ buffer }) => buffer as ArrayBuffer),
      );
      const [result] = (await once(worker, "message")) as [OpenLoopResult];
      return result;
    },
    async stop() {
      await worker.terminate();
    },
  };
}
