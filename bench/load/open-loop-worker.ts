import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { type OpenLoopJob, runOpenLoop } from "./open-loop.ts";

/** The thread's priority. Phones do not share cores with the server, so on one machine their thread runs first. */
const PRIORITY = -15;

try {
  // On Linux this affects the calling thread only.
  setPriority(0, PRIORITY);
} catch {
  // Only root may raise the priority; else the generator's delay counts as the answer's.
}

async function answer(job: OpenLoopJob): Promise<void> {
  const result = await runOpenLoop(job);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(result);
}

parentPort?.on("message", (job: OpenLoopJob) => void answer(job));
