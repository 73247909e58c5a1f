import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import postgres from "postgres";
import type { ImportKind } from "../../src/import/registry.ts";
import { importFiles, type ImportOptions } from "../../src/import/run.ts";
import type { FileSummary } from "../../src/import/summary.ts";
import type { Stack } from "./stack.ts";

/** Imports texts as the command does, from files in a directory of their own. */
export interface Importer {
  readonly directory: string;
  /** The importer's own session. */
  readonly sql: postgres.Sql;
  /** A file with this content; gives its path. */
  write(name: string, content: string | Buffer): string;
  /** Errors: when there is not exactly one summary. */
  run(kind: ImportKind, path: string, options?: Partial<ImportOptions>): Promise<FileSummary>;
  /** The command in a process of its own, which can be killed; only where the database has an address. */
  spawn(kind: ImportKind, path: string, stdio?: "ignore" | "pipe"): ChildProcess;
  close(): Promise<void>;
}

const COMMAND = resolve("src/cli/import.ts");

/** Opens an importer with a session of its own on the stack's database. */
export function openImporter(stack: Stack): Importer {
  const directory = mkdtempSync(join(tmpdir(), "halal-import-"));
  const own =
    stack.kind === "embedded"
      ? null
      : postgres(stack.directUrl, {
          max: 1,
          prepare: false,
          fetch_types: false,
          onnotice: () => {},
        });
  const sql = own ?? stack.sql;
  return {
    directory,
    sql,
    write(name, content) {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
    async run(kind, path, options = {}) {
      const [summary, ...others] = await importFiles({
        sql,
        kind,
        files: [path],
        isDryRun: false,
        rejectsPath: `${path}.rejects.jsonl`,
        stdin: Readable.from([]),
        output: { write: () => true },
        ...options,
      });
      if (summary === undefined || others.length > 0) throw new Error("one summary expected");
      return summary;
    },
    spawn: (kind, path, stdio = "ignore") =>
      spawn(process.execPath, [COMMAND, kind, path], {
        cwd: directory,
        stdio,
        env: { DATABASE_URL: stack.directUrl, DATA_DIR: directory },
      }),
    async close() {
      await own?.end({ timeout: 1 });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The numbers of a summary, in the order of the table. */
export function countsOf({ read, inserted, updated, same, rejected }: FileSummary): number[] {
  return [read, inserted, updated, same, rejected];
}

/** How many lines the journal of changes has. */
export async function countEvents(stack: Stack): Promise<number> {
  const [row] = await stack.sql<{ count: number }[]>`
    select count(*)::int as count from cache_events`;
  return row?.count ?? 0;
}

export const COPENHAGEN = { latitude: 55.6761, longitude: 12.5683 };

/** A GeoJSON file of butchers in a row, eastward from the centre of Copenhagen. */
export function shops(
  count: number,
  tags: (index: number) => Record<string, unknown> = () => ({}),
): string {
  const features = Array.from({ length: count }, (_, i) => ({
    type: "Feature",
    id: `node/${i}`,
    properties: { name: `Shop ${i}`, shop: "butcher", "diet:halal": "yes", ...tags(i) },
    geometry: {
      type: "Point",
      coordinates: [COPENHAGEN.longitude + i / 1e4, COPENHAGEN.latitude],
    },
  }));
  return JSON.stringify({ type: "FeatureCollection", features });
}
