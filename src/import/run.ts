import { basename } from "node:path";
import type { Readable } from "node:stream";
import type postgres from "postgres";
import { createProgress, type Progress, type ProgressStream } from "../progress.ts";
import { StartupError } from "../startup-error.ts";
import { type DataSource, saveDataSource, touchDataSource } from "./write/data-sources.ts";
import { BatchWriter } from "./write/batch-writer.ts";
import { completeBy, type ImportAnalysis } from "./kinds/products/analysed.ts";
import { chooseFormat, peek } from "./formats.ts";
import type { ConversionContext, Format } from "./kind.ts";
import { loadKnownCertifiers } from "./kinds/known-certifiers.ts";
import { isConnectionLost } from "./write/lost-connection.ts";
import { chooseRejectsPaths, openRejects, type RejectsFile } from "./write/rejects.ts";
import { type ImportKind, KINDS } from "./registry.ts";
import { checkSources, openSource, type Source, SourceError } from "./read/source.ts";
import { closeSession, openStaging } from "./write/staging.ts";
import type { FileSummary } from "./summary.ts";
import { analyseProducts } from "../verdict/analyse-products.ts";
import { startAnalysisThread } from "../verdict/analysis-thread.ts";
import { readAnalysisRows, runOn } from "../verdict/lexicon-query.ts";

export interface ImportOptions {
  /** A direct session (one connection) that only the import uses. */
  readonly sql: postgres.Sql;
  readonly kind: ImportKind;
  /** Paths; `-` is standard input. */
  readonly files: readonly string[];
  /** Replaces the default source of the format. */
  readonly source?: DataSource | undefined;
  readonly isDryRun: boolean;
  /** Whether recalls are shown at once instead of after an administrator's approval. */
  readonly publishes?: boolean;
  /** Replaces `<file>.rejects.jsonl` in the working directory. */
  readonly rejectsPath?: string | undefined;
  readonly stdin: Readable;
  /** The name of `-` in messages, when it is not standard input. */
  readonly stdinName?: string | undefined;
  readonly output: ProgressStream;
  /** The current time by default. */
  readonly now?: Date | undefined;
  /** Ends reading at once; records that were read are still written. */
  readonly signal?: AbortSignal | undefined;
  /** Rejects when the session ends unexpectedly, because a running statement may then never settle. */
  readonly lost?: Promise<never> | undefined;
}

/** The first key of the import's advisory locks, an arbitrary number; the second key is the kind's. */
const ADVISORY_LOCK = 190_517;
/** How long to wait for the session of a killed import, which ends within moments. */
const LOCK_WAIT_MS = 15_000;
const LOCK_POLL_MS = 250;

const STOPPED = "stopped; run it again to go on";
const NO_RECORDS = "has no records: a table needs rows under its header, a collection needs items";
const CONNECTION_LOST =
  "the connection to the database was lost; whole batches are written, run it again to go on";

/**
 * Imports files of one kind in batches; each batch is written completely or not at all.
 * The batches before a fault in a file are kept, and the file's summary names the fault.
 * Errors: StartupError when the same kind is being imported by another process, or a file cannot be opened.
 */
export async function importFiles(options: ImportOptions): Promise<FileSummary[]> {
  const { sql, kind, files } = options;
  await checkSources(files);
  const rejectsPaths = chooseRejectsPaths(files, options.rejectsPath);
  await orLost(takeLock(sql, kind), options);
  let isLost = false;
  let analysis: ImportAnalysis | null = null;
  try {
    const certifiers = await orLost(loadKnownCertifiers(sql), options);
    if (kind === "products") analysis = await orLost(startAnalysis(sql), options);
    const knowledge = { certifiers, analysis };
    const summaries: FileSummary[] = [];
    for (const [index, file] of files.entries()) {
      if (options.signal?.aborted === true) break;
      const rejectsPath = rejectsPaths[index] ?? "";
      const outcome = await importFile(file, rejectsPath, knowledge, options);
      summaries.push(outcome.summary);
      isLost = outcome.isLost;
      if (isLost) break;
    }
    // A record with only a part of a product's data leaves the product to be analysed again.
    if (analysis !== null && !isLost && !options.isDryRun) {
      const isStopped = () => options.signal?.aborted === true;
      await orLost(analyseProducts(sql, { onlyWaiting: true, isStopped }), options);
    }
    return summaries;
  } finally {
    analysis?.thread.close();
    // A lost session has released its lock and its tables.
    if (!isLost) {
      await closeSession(sql).catch(() => undefined);
      await sql`select pg_advisory_unlock(${ADVISORY_LOCK}::int, ${KINDS[kind].lock}::int)`.catch(
        () => undefined,
      );
    }
  }
}

/** Waits for work, or for the loss of the session. */
function orLost<T>(work: Promise<T>, { lost }: ImportOptions): Promise<T> {
  return lost === undefined ? work : Promise.race([work, lost]);
}

async function takeLock(sql: postgres.Sql, kind: ImportKind): Promise<void> {
  const endsAt = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const [row] = await sql<{ taken: boolean }[]>`
      select pg_try_advisory_lock(${ADVISORY_LOCK}::int, ${KINDS[kind].lock}::int) as taken`;
    if (row?.taken === true) return;
    if (performance.now() >= endsAt) {
      throw new StartupError(
        `another import of ${kind} is running on this database: try again when it has ended`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

/** Starts the thread that reads and judges, because one thread with all the work would keep the database waiting. */
async function startAnalysis(sql: postgres.Sql): Promise<ImportAnalysis> {
  const thread = startAnalysisThread();
  try {
    const { rows, rulings, ...versions } = await readAnalysisRows(runOn(sql));
    thread.load({ rows, rulings });
    return { thread, ...versions };
  } catch (error) {
    thread.close();
    throw error;
  }
}

/** The reference data of converters, and the thread that completes products. */
type Knowledge = Pick<ConversionContext, "certifiers"> & {
  readonly analysis: ImportAnalysis | null;
};

interface FileOutcome {
  readonly summary: FileSummary;
  readonly isLost: boolean;
}

/** The state of a file's import. */
interface FileState {
  format: Format | null;
  run: BatchWriter | null;
}

async function importFile(
  path: string,
  rejectsPath: string,
  knowledge: Knowledge,
  options: ImportOptions,
): Promise<FileOutcome> {
  const startedAt = performance.now();
  const input = await openSource(path, options.stdin, options.stdinName);
  const name = path === "-" ? "stdin" : basename(path);
  const rejects = openRejects(rejectsPath, input.name);
  const progress = createProgress({ stream: options.output, label: `${options.kind}: ${name}` });
  const state: FileState = { format: null, run: null };
  const stop = () => input.stop();
  options.signal?.addEventListener("abort", stop, { once: true });
  let fault: string | null = null;
  let isLost = false;
  try {
    const work = readFile(input, state, { rejects, knowledge, progress }, options);
    fault = await orLost(work, options);
  } catch (error) {
    isLost = isConnectionLost(error);
    if (!isLost) throw error;
    fault = CONNECTION_LOST;
  } finally {
    options.signal?.removeEventListener("abort", stop);
    input.stop();
    progress.stop();
  }
  if (fault === null) progress.finish();
  const lines = await rejects.close();
  const summary = {
    ...(state.run?.counts() ?? NOTHING_READ),
    file: input.name,
    format: state.format?.name ?? "unknown",
    fault,
    rejectsFile: lines === 0 ? null : rejectsPath,
    elapsedMs: performance.now() - startedAt,
  };
  return { summary, isLost };
}

const NOTHING_READ = {
  read: 0,
  inserted: 0,
  updated: 0,
  same: 0,
  rejected: 0,
  reasons: new Map<string, number>(),
  notes: new Map<string, number>(),
} as const;

/** Reads a file to its end or to a fault, and returns the fault. */
async function readFile(
  input: Source,
  state: FileState,
  parts: {
    readonly rejects: RejectsFile;
    readonly knowledge: Knowledge;
    readonly progress: Progress;
  },
  options: ImportOptions,
): Promise<string | null> {
  const isStopped = () => options.signal?.aborted === true;
  let fault: string | null = null;
  try {
    const peeked = await peek(input.chunks);
    if (peeked === null) return `${input.name} is empty`;
    const format = chooseFormat(options.kind, peeked.head);
    const run = await openRun(format, parts, options);
    state.format = format;
    state.run = run;
    for await (const records of format.read(peeked.chunks)) {
      await run.take(records);
      parts.progress.update(run.read, estimateTotal(run.read, input));
      if (isStopped()) break;
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const before = (state.run?.read ?? 0) > 0 ? " (what came before it was imported)" : "";
    fault = `${error.message}${before}`;
  }
  await state.run?.finish();
  if (isStopped()) return STOPPED;
  return fault === null && state.run?.read === 0 ? `${input.name} ${NO_RECORDS}` : fault;
}

async function openRun(
  format: Format,
  {
    rejects,
    knowledge: { certifiers, analysis },
  }: { readonly rejects: RejectsFile; readonly knowledge: Knowledge },
  { sql, source = format.defaultSource, isDryRun, publishes, now = new Date() }: ImportOptions,
): Promise<BatchWriter> {
  if (!isDryRun) await saveDataSource(sql, source);
  const staging = await openStaging(sql, format.target, {
    isDryRun,
    onWritten: (transaction) => touchDataSource(transaction, source),
  });
  rejects.setUnit(format.positionUnit);
  const convert = format.createConverter({ source, publishes, certifiers, now });
  const completion = analysis === null ? null : completeBy(analysis);
  return new BatchWriter(staging, rejects, convert, completion);
}

/** Estimates the rows of the whole file from those that were read. */
function estimateTotal(rows: number, source: Source): number | undefined {
  const { sizeBytes } = source;
  const bytes = source.readBytes();
  return sizeBytes === undefined || bytes === 0
    ? undefined
    : Math.round((rows * sizeBytes) / bytes);
}
