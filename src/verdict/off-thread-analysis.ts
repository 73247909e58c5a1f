import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import {
  type AnalysedProduct,
  type AnalysisRequest,
  type AnalysisThread,
  startAnalysisThread,
} from "./analysis-thread.ts";
import { type AnalysisVersions, readAnalysisRows, readVersionsBy } from "./lexicon-query.ts";

/** Reads and judges a product by the lexicon and the rulings of the moment, which come from the given database. */
export type AnalyseProduct = (
  db: Db,
  request: AnalysisRequest,
) => Promise<AnalysedProduct & AnalysisVersions>;

/** The thread is not kept for an instance whose administrators do something else. */
const KEPT_MS = 5 * 60_000;

interface Loaded {
  readonly thread: AnalysisThread;
  readonly versions: AnalysisVersions;
}

/**
 * Analyses in a thread of its own, because building the lexicon takes a second and more, for which no call of an instance
 * may wait. Each time the database is asked whether the thread's lexicon is still the one of the moment.
 * Errors: those of the database; Error when the thread ends.
 */
export function createOffThreadAnalysis(): { analyse: AnalyseProduct; close: () => void } {
  let loaded: Loaded | undefined;
  let timer: NodeJS.Timeout | undefined;

  function close(): void {
    clearTimeout(timer);
    loaded?.thread.close();
    loaded = undefined;
  }

  async function loadedFor(db: Db): Promise<Loaded> {
    const run = async <T extends object>(text: string) =>
      (await db.execute(sql.raw(text))) as unknown as readonly T[];
    const versions = await readVersionsBy(run);
    const isCurrent =
      loaded?.versions.analysisVersion === versions.analysisVersion &&
      loaded.versions.rulingsVersion === versions.rulingsVersion;
    if (loaded !== undefined && isCurrent) return loaded;
    const { rows, rulings, ...own } = await readAnalysisRows(run);
    close();
    const thread = startAnalysisThread(() => {
      if (loaded?.thread === thread) loaded = undefined;
    });
    thread.load({ rows, rulings });
    loaded = { thread, versions: own };
    return loaded;
  }

  return {
    close,
    async analyse(db, request) {
      const { thread, versions } = await loadedFor(db);
      const result = thread.analyse([request]);
      clearTimeout(timer);
      timer = setTimeout(close, KEPT_MS);
      timer.unref();
      const [analysed] = await result;
      if (analysed === undefined) throw new Error("the analysis gave no result");
      return { ...analysed, ...versions };
    },
  };
}
