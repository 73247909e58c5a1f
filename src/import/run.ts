import { basename } from "node:path";
import type { Readable } from "node:stream";
import type postgres from "postgres";
import { createProgress, type ProgressStream } from "../db/progress.ts";
import { StartupError } from "../startup-error.ts";
import type { Cell } from "./copy-text.ts";
import { type DataSource, saveDataSource, touchDataSource } from "./data-sources.ts";
import { chooseFormat, peek } from "./formats.ts";
import type { Conversion, Format, ImportKind } from "./kind.ts";
import { type KnownCertifiers, loadKnownCertifiers } from "./known-certifiers.ts";
import type { FileRecord, RecordProblem } from "./records.ts";
import { openRejects, type RejectsFile } from "./rejects.ts";
import { openSource, type Source, SourceError } from "./source.ts";
import {
  type BatchOutcome,
  closeSession,
  openStaging,
  type StagedRow,
  type Staging,
} from "./staging.ts";
import type { FileSummary } from "./summary.ts";

export interface ImportOptions {
  /** A direct session of the import's own (one connection). */
  readonly sql: postgres.Sql;
  readonly kind: ImportKind;
  /** Paths; `-` is standard input. */
  readonly files: readonly string[];
  /** Instead of the source that the format implies. */
  readonly source?: DataSource | undefined;
  readonly isDryRun: boolean;
  /** Instead of `<file>.rejects.jsonl` in the working directory. */
  readonly rejectsPath?: string | undefined;
  readonly stdin: Readable;
  readonly output: ProgressStream;
  /** Stops after the batch that is under way. */
  readonly signal?: AbortSignal | undefined;
}

const BATCH_ROWS = 2_500;
/** Long texts fill a batch before its rows do. Units: UTF-16 units. */
const BATCH_TEXT_MAX = 4_000_000;
/** Any number of our own; the second key is the kind. */
const ADVISORY_LOCK = 190_517;
const KIND_LOCKS: Readonly<Record<ImportKind, number>> = {
  stores: 1,
  products: 2,
  additives: 3,
  certifiers: 4,
  boycotts: 5,
};
/** A killed import's session ends within moments; one that still runs does not. */
const LOCK_WAIT_MS = 15_000;
const LOCK_POLL_MS = 250;

/**
 * Imports files of one kind, batch by batch; each batch is in the database wholly or not at all.
 * A file that breaks off keeps the batches before the fault, and its summary names the fault.
 * Errors: StartupError when the same kind is being imported by another process, or a file cannot be opened.
 */
export async function importFiles(options: ImportOptions): Promise<FileSummary[]> {
  const { sql, kind } = options;
  await takeLock(sql, kind);
  try {
    const certifiers = await loadKnownCertifiers(sql);
    const summaries: FileSummary[] = [];
    for (const file of options.files) {
      if (options.signal?.aborted === true) break;
      summaries.push(await importFile(file, certifiers, options));
    }
    return summaries;
  } finally {
    await closeSession(sql).catch(() => undefined);
    await sql`select pg_advisory_unlock(${ADVISORY_LOCK}::int, ${KIND_LOCKS[kind]}::int)`.catch(
      () => undefined,
    );
  }
}

async function takeLock(sql: postgres.Sql, kind: ImportKind): Promise<void> {
  const endsAt = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const [row] = await sql<{ taken: boolean }[]>`
      select pg_try_advisory_lock(${ADVISORY_LOCK}::int, ${KIND_LOCKS[kind]}::int) as taken`;
    if (row?.taken === true) return;
    if (performance.now() >= endsAt) {
      throw new StartupError(
        `another import of ${kind} is running on this database: try again when it has ended`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

async function importFile(
  path: string,
  certifiers: KnownCertifiers,
  options: ImportOptions,
): Promise<FileSummary> {
  const startedAt = performance.now();
  const input = await openSource(path, options.stdin);
  const name = path === "-" ? "stdin" : basename(path);
  const rejectsPath = options.rejectsPath ?? `${name}.rejects.jsonl`;
  const empty = { file: input.name, read: 0, inserted: 0, updated: 0, same: 0, rejected: 0 };
  const nothing = (fault: string): FileSummary => ({
    ...empty,
    format: "unknown",
    reasons: new Map(),
    notes: new Map(),
    fault,
    rejectsFile: null,
    elapsedMs: performance.now() - startedAt,
  });
  let format: Format;
  let chunks: AsyncIterable<Buffer>;
  try {
    const peeked = await peek(input.chunks);
    if (peeked === null) return nothing(`${input.name} is empty`);
    format = chooseFormat(options.kind, peeked.head);
    chunks = peeked.chunks;
  } catch (error) {
    if (error instanceof SourceError) return nothing(error.message);
    throw error;
  }

  const source = options.source ?? format.defaultSource;
  if (!options.isDryRun) await saveDataSource(options.sql, source);
  const staging = await openStaging(options.sql, format.target, {
    isDryRun: options.isDryRun,
    onWritten: (transaction) => touchDataSource(transaction, source),
  });
  const rejects = openRejects(rejectsPath, input.name, format.positionUnit);
  const run = new FileRun(staging, rejects, format.createConverter({ source, certifiers }));
  const progress = createProgress({ stream: options.output, label: `${options.kind}: ${name}` });
  let fault: string | null = null;
  try {
    for await (const records of format.read(chunks)) {
      await run.take(records);
      progress.update(run.read, estimateTotal(run.read, input));
      if (options.signal?.aborted === true) {
        fault = "stopped; run it again to go on";
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    fault = `${error.message} (what came before it was imported)`;
  } finally {
    progress.stop();
  }
  await run.finish();
  progress.finish();
  const lines = await rejects.close();
  return {
    ...run.counts(),
    file: input.name,
    format: format.name,
    fault,
    rejectsFile: lines === 0 ? null : rejectsPath,
    elapsedMs: performance.now() - startedAt,
  };
}

/** Rows of the whole file, if the rest is like what was read. */
function estimateTotal(rows: number, source: Source): number | undefined {
  const { sizeBytes } = source;
  const bytes = source.readBytes();
  return sizeBytes === undefined || bytes === 0
    ? undefined
    : Math.round((rows * sizeBytes) / bytes);
}

/** Gathers rows into batches, of which one is merged while the next is read. */
class FileRun {
  read = 0;
  readonly #staging: Staging;
  readonly #rejects: RejectsFile;
  readonly #convert: (value: unknown) => Conversion;
  readonly #reasons = new Map<string, number>();
  readonly #notes = new Map<string, number>();
  #inserted = 0;
  #updated = 0;
  #same = 0;
  #rejected = 0;
  #rows: StagedRow[] = [];
  #textLength = 0;
  #merging: Promise<BatchOutcome> | null = null;

  constructor(staging: Staging, rejects: RejectsFile, convert: (value: unknown) => Conversion) {
    this.#staging = staging;
    this.#rejects = rejects;
    this.#convert = convert;
  }

  async take(records: readonly FileRecord[]): Promise<void> {
    for (const record of records) {
      this.read += 1;
      if ("problem" in record) {
        this.#reject(record.position, record.problem);
        continue;
      }
      const conversion = this.#convert(record.value);
      if ("problem" in conversion) {
        this.#reject(record.position, conversion.problem);
        continue;
      }
      for (const note of conversion.notes ?? []) {
        this.#notes.set(note.reason, (this.#notes.get(note.reason) ?? 0) + 1);
        this.#rejects.add(record.position, "mended", note);
      }
      this.#rows.push({ position: record.position, cells: conversion.cells });
      this.#textLength += lengthOf(conversion.cells);
      if (this.#rows.length >= BATCH_ROWS || this.#textLength >= BATCH_TEXT_MAX)
        await this.#flush();
    }
    await this.#rejects.drain();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#settle();
  }

  counts() {
    return {
      read: this.read,
      inserted: this.#inserted,
      updated: this.#updated,
      same: this.#same,
      rejected: this.#rejected,
      reasons: this.#reasons,
      notes: this.#notes,
    };
  }

  async #flush(): Promise<void> {
    await this.#settle();
    if (this.#rows.length === 0) return;
    const merging = this.#staging.merge(this.#rows);
    // Its failure is met when the next batch is ready; until then it must not count as unhandled.
    merging.catch(() => undefined);
    this.#merging = merging;
    this.#rows = [];
    this.#textLength = 0;
  }

  async #settle(): Promise<void> {
    if (this.#merging === null) return;
    const { inserted, updated, same, refused } = await this.#merging;
    this.#merging = null;
    this.#inserted += inserted;
    this.#updated += updated;
    this.#same += same;
    for (const one of refused) this.#reject(one.position, one);
  }

  #reject(position: number, problem: RecordProblem): void {
    this.#rejected += 1;
    this.#reasons.set(problem.reason, (this.#reasons.get(problem.reason) ?? 0) + 1);
    this.#rejects.add(position, "rejected", problem);
  }
}

function lengthOf(cells: readonly Cell[]): number {
  let length = 0;
  for (const cell of cells) {
    if (typeof cell === "string") length += cell.length;
    else if (typeof cell === "object" && cell !== null) {
      for (const item of cell) length += item.length;
    }
  }
  return length;
}
