import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { StartupError } from "../startup-error.ts";
import type { PositionUnit, RecordProblem } from "./records.ts";

/** Where records that were not taken, or not taken as they stood, are written down as JSON lines. */
export interface RejectsFile {
  add(position: number, outcome: "rejected" | "mended", problem: RecordProblem): void;
  /** Waits until the disk keeps up. */
  drain(): Promise<void>;
  /** Gives how many lines were written. */
  close(): Promise<number>;
}

/**
 * Opens the file at the first line that is written; an older one is replaced.
 * Errors: StartupError when it cannot be written.
 */
export function openRejects(path: string, file: string, unit: PositionUnit): RejectsFile {
  let stream: WriteStream | undefined;
  let failure: Error | undefined;
  let lines = 0;
  const check = () => {
    if (failure === undefined) return;
    throw new StartupError(`${path} cannot be written: ${failure.message}`, { cause: failure });
  };
  return {
    add(position, outcome, { reason, detail }) {
      if (stream === undefined) {
        stream = createWriteStream(path);
        stream.on("error", (error) => {
          failure ??= error;
        });
      }
      lines += 1;
      stream.write(`${JSON.stringify({ file, [unit]: position, outcome, reason, detail })}\n`);
    },
    async drain() {
      check();
      if (stream?.writableNeedDrain === true) await once(stream, "drain").catch(() => undefined);
      check();
    },
    async close() {
      if (stream !== undefined && failure === undefined) {
        stream.end();
        await once(stream, "close");
      }
      check();
      return lines;
    },
  };
}
