import { Worker } from "node:worker_threads";
import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import type { HalalStatus } from "../db/tables/vocabulary.ts";
import type { Analysis, ReadableProduct } from "./analysis.ts";
import { type AnalysisVersions, readAnalysisRows, readVersionsBy } from "./lexicon-query.ts";
import type { StoredProduct } from "./stored-product.ts";

/** A product to be read and judged. */
export interface AnalysisRequest {
  readonly gtin14: string;
  readonly readable: ReadableProduct;
  readonly stored: StoredProduct;
}

/** The result of reading and judging; the statuses are in the order of `COMPUTED_COLUMNS`. */
export interface AnalysedProduct extends Analysis {
  readonly statuses: readonly HalalStatus[];
}

/** Reads and judges products by the lexicon and the rulings of the moment, which come from the given database. */
export type AnalyseProduct = (
  db: Db,
  request: AnalysisRequest,
) => Promise<AnalysedProduct & AnalysisVersions>;

/** The thread is not kept for an instance whose administrators do something else. */
const KEPT_MS = 5 * 60_000;

interface Thread {
  readonly worker: Worker;
  readonly versions: AnalysisVersions;
  readonly waiting: Map<number, PromiseWithResolvers<AnalysedProduct>>;
}

/**
 * Analyses in a thread of its own, because building the lexicon takes a second and more, for which no call of an instance
 * may wait. Each time the database is asked whether the thread's lexicon is still the one of the moment.
 * Errors: those of the database; Error when the thread ends.
 */
export function createOffThreadAnalysis(): { analyse: AnalyseProduct; close: () => void } {
  let thread: Thread | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastId = 0;

  function close(): void {
    clearTimeout(timer);
    void thread?.worker.terminate();
    thread = undefined;
  }

  async function threadFor(db: Db): Promise<Thread> {
    const run = async <T extends object>(text: string) =>
      (await db.execute(sql.raw(text))) as unknown as readonly T[];
    const versions = await readVersionsBy(run);
    const isCurrent =
      thread?.versions.analysisVersion === versions.analysisVersion &&
      thread.versions.rulingsVersion === versions.rulingsVersion;
    if (thread !== undefined && isCurrent) return thread;
    const { rows, rulings, ...loaded } = await readAnalysisRows(run);
    close();
    const made = startThread(loaded);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    made.worker.postMessage({ load: { rows, rulings } });
    thread = made;
    return made;
  }

  function startThread(versions: AnalysisVersions): Thread {
    const worker = new Worker(new URL("./analysis-worker.ts", import.meta.url), { execArgv: [] });
    const waiting: Thread["waiting"] = new Map();
    const fail = (error: Error) => {
      if (thread?.worker === worker) thread = undefined;
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
    };
    worker.on("message", ({ id, analysed }: { id: number; analysed: AnalysedProduct }) => {
      waiting.get(id)?.resolve(analysed);
      waiting.delete(id);
    });
    worker.on("error", (error: unknown) =>
      fail(error instanceof Error ? error : new Error(String(error))),
    );
    worker.on("exit", () => fail(new Error("the analysis ended")));
    worker.unref();
    return { worker, versions, waiting };
  }

  return {
    close,
    async analyse(db, request) {
      const { worker, versions, waiting } = await threadFor(db);
      lastId += 1;
      const result = Promise.withResolvers<AnalysedProduct>();
      waiting.set(lastId, result);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
      worker.postMessage({ id: lastId, request });
      clearTimeout(timer);
      timer = setTimeout(close, KEPT_MS);
      timer.unref();
      return { ...(await result.promise), ...versions };
    },
  };
}
