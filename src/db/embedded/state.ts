import { existsSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { StartupError } from "../../startup-error.ts";

/** The folder of the embedded database's files inside the data directory. */
export const DATABASE_FOLDER = "pg";
const STATE_FILE = "pg.json";
/** Incremented when earlier releases cannot open the database any more; migrations alone do not increment it. */
const STATE_FORMAT = 1;

export type EmbeddedState = "absent" | "creating" | "ready";

/**
 * Reads the state of a data directory: no database, an interrupted first start, or a complete database.
 * Errors: StartupError when the database is of another program or of a later release.
 */
export async function readEmbeddedState(dataDir: string): Promise<EmbeddedState> {
  const stateFile = join(dataDir, STATE_FILE);
  const directory = join(dataDir, DATABASE_FOLDER);
  const text = await readFile(stateFile, "utf8").catch(() => null);
  if (text === null) {
    if (!existsSync(directory)) return "absent";
    throw new StartupError(
      `${directory} was not made by this program, or ${stateFile} was removed: move it away, or set another DATA_DIR`,
    );
  }
  const state = parseState(text);
  if (state === null || state.format > STATE_FORMAT) {
    throw new StartupError(
      `${stateFile} is of a later release or damaged: move ${dataDir} away, or set another DATA_DIR`,
    );
  }
  return state.state === "ready" && existsSync(directory) ? "ready" : "creating";
}

function parseState(text: string): { state: unknown; format: number } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    if (!("format" in value) || typeof value.format !== "number" || !("state" in value))
      return null;
    return { state: value.state, format: value.format };
  } catch {
    return null;
  }
}

/** Records the state of the first start, safely against a crash at any moment. */
export async function writeEmbeddedState(
  dataDir: string,
  state: "creating" | "ready",
): Promise<void> {
  const stateFile = join(dataDir, STATE_FILE);
  const file = await open(`${stateFile}.new`, "w");
  try {
    await file.writeFile(`${JSON.stringify({ state, format: STATE_FORMAT })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${stateFile}.new`, stateFile);
  const folder = await open(dataDir, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes the files of an interrupted first start, and nothing else. */
export async function removeUnfinished(dataDir: string): Promise<void> {
  await rm(join(dataDir, DATABASE_FOLDER), { recursive: true, force: true });
}
