import { Worker } from "node:worker_threads";
import type { HalalStatus } from "../db/tables/vocabulary.ts";
import type { Analysis, ReadableProduct } from "./analysis.ts";
import type { AnalysisRows } from "./lexicon-query.ts";
import type { StoredProduct } from "./stored-product.ts";

/** A product to be read and judged. */
export interface AnalysisRequest {
  readonly gtin14: string;
  readonly readable: ReadableProduct;
  /** The row without its findings, which reading gives. */
  readonly stored: Omit<StoredProduct, "findings" | "nameFinding">;
}

/** The result of reading and judging; the statuses are in the order of `COMPUTED_COLUMNS`. */
export interface AnalysedProduct extends Analysis {
  readonly statuses: readonly HalalStatus[];
}

/** A thread that reads and judges products with one lexicon and one set of rulings. */
export interface AnalysisThread {
  /** Gives the thread what it reads and judges with; called once, before `analyse`. */
  load(rows: Pick<AnalysisRows, "rows" | "rulings">): void;
  /** Returns the results in the order of the requests. Errors: Error when the thread ends. */
  analyse(requests: readonly AnalysisRequest[]): Promise<readonly AnalysedProduct[]>;
  close(): void;
}

/** Starts the thread. `onEnd` is called when it has ended. */
export function startAnalysisThread(onEnd: () => void = () => undefined): AnalysisThread {
  const worker = new Worker(new URL("./analysis-worker.ts", import.meta.url), { execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<readonly AnalysedProduct[]>>();
  let lastId = 0;
  let ended: Error | null = null;
  const fail = (error: Error) => {
    ended = error;
    onEnd();
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  worker.on("message", ({ id, analysed }: { id: number; analysed: readonly AnalysedProduct[] }) => {
    waiting.get(id)?.resolve(analysed);
    waiting.delete(id);
  });
  worker.on("error", (error: unknown) =>
    fail(error instanceof Error ? error : new Error(String(error))),
  );
  worker.on("exit", () => fail(new Error("the analysis ended")));
  worker.unref();
  return {
    load({ rows, rulings }) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
      worker.postMessage({ load: { rows, rulings } });
    },
    analyse(requests) {
      if (ended !== null) return Promise.reject(ended);
      lastId += 1;
      const result = Promise.withResolvers<readonly AnalysedProduct[]>();
      waiting.set(lastId, result);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
      worker.postMessage({ id: lastId, requests });
      return result.promise;
    },
    close() {
      void worker.terminate();
    },
  };
}
