import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { type OpenLoopJob, runOpenLoop } from "./open-loop.ts";

/** Phones do not wait for the server's cores: on the same machine their thread goes first. */
const PRIORITY = -15;

try {
  // On Linux this is the calling thread alone.
  setPriority(0, PRIORITY);
} catch {
  // Only root may; the generator's own delay then counts as the answer's.
}

async function answer(job: OpenLoopJob): Promise<void> {
  const result = await runOpenLoop(job);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(result);
}

parentPort?.on("message", (job: OpenLoopJob) => void answer(job));
