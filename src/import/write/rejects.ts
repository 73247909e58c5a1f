import { createWriteStream, lstatSync, rmSync, type WriteStream } from "node:fs";
import { once } from "node:events";
import { basename, resolve } from "node:path";
import { StartupError } from "../../startup-error.ts";
import type { PositionUnit, RecordProblem } from "../read/records.ts";

/** A file of JSON lines with the records that were rejected or mended. */
export interface RejectsFile {
  /** Sets the unit of positions when the file's format is known; lines by default. */
  setUnit(unit: PositionUnit): void;
  add(position: number, outcome: "rejected" | "mended", problem: RecordProblem): void;
  /** Waits until pending lines are written. */
  drain(): Promise<void>;
  /** Closes the file and returns the number of lines. */
  close(): Promise<number>;
}

/**
 * Returns the path of each file's rejects: by default `<file>.rejects.jsonl` in the working directory, with a number
 * if an earlier file has the same name.
 * Errors: StartupError when a path is that of an input file.
 */
export function chooseRejectsPaths(files: readonly string[], given?: string): string[] {
  const used = new Map<string, number>();
  const paths = files.map((file) => {
    if (given !== undefined) return given;
    const name = file === "-" ? "stdin" : basename(file);
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    return `${name}${times === 1 ? "" : `.${times}`}.rejects.jsonl`;
  });
  const inputs = new Set(files.filter((file) => file !== "-").map((file) => resolve(file)));
  for (const path of paths) {
    if (inputs.has(resolve(path)))
      throw new StartupError(`${path} is to be imported, and the rejects would replace it`);
  }
  return paths;
}

/**
 * Removes an existing file, and creates a new one when the first line is written.
 * Errors: StartupError when the file cannot be written.
 */
export function openRejects(path: string, file: string): RejectsFile {
  let unit: PositionUnit = "line";
  let stream: WriteStream | undefined;
  let failure: Error | undefined;
  let lines = 0;
  // A device or a pipe, such as /dev/stderr, must not be removed.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) rmSync(path, { force: true });
  const check = () => {
    if (failure === undefined) return;
    throw new StartupError(`${path} cannot be written: ${failure.message}`, { cause: failure });
  };
  return {
    setUnit(known) {
      unit = known;
    },
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
