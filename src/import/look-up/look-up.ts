import type { Logger } from "pino";
import { CircuitBreaker } from "../../circuit-breaker.ts";
import type { Db } from "../../db/client/database.ts";
import { readBarcode } from "../../food/barcode.ts";
import { analyseOne } from "../../verdict/analyse-one.ts";
import type { AnalyseProduct } from "../../verdict/off-thread-analysis.ts";
import { askOff, type OffAnswer } from "./off-answer.ts";
import { storeOffProduct } from "./store-product.ts";

/** Dependencies and limits of look-ups. */
export interface LookUpOptions {
  readonly baseUrl: string;
  /** Look-ups of this instance. */
  readonly perMinute: number;
  readonly db: Db;
  readonly analyse: AnalyseProduct;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Units: milliseconds. */
  readonly probeIntervalMs?: number;
}

const AT_ONCE_MAX = 4;
const FAILURES_MAX = 3;
const PROBE_INTERVAL_MS = 60_000;
/** A barcode that Open Food Facts does not know today may be there tomorrow. */
const UNKNOWN_FOR_MS = 6 * 3_600_000;
/** After a failure the same barcode waits a moment. */
const FAILED_FOR_MS = 60_000;
const REMEMBERED_MAX = 10_000;
const MINUTE_MS = 60_000;

/**
 * Looks barcodes up at Open Food Facts, after the answer that asked for it: each once at a time, so many a minute, and
 * none while Open Food Facts does not answer. `lookUp` tells whether the look-up is under way.
 */
export class OffLookUp {
  readonly #options: LookUpOptions;
  readonly #circuit: CircuitBreaker;
  readonly #running = new Map<string, Promise<void>>();
  /** Until when a barcode is not asked about again. */
  readonly #resting = new Map<string, number>();
  readonly #stop = new AbortController();
  #minute = { since: Number.NEGATIVE_INFINITY, count: 0 };
  #lastFailed = "";

  constructor(options: LookUpOptions) {
    this.#options = options;
    const { logger } = options;
    this.#circuit = new CircuitBreaker({
      failuresMax: FAILURES_MAX,
      probeIntervalMs: options.probeIntervalMs ?? PROBE_INTERVAL_MS,
      probe: () => this.#probe(),
      onState: (available) =>
        available
          ? logger.info("Open Food Facts is back")
          : logger.warn("Open Food Facts does not answer: barcodes are not looked up"),
    });
  }

  /** Begins to look a canonical GTIN-14 up, unless it is no use now. */
  readonly lookUp = (gtin14: string): boolean => {
    if (this.#running.has(gtin14)) return true;
    if (!this.#circuit.available || this.#stop.signal.aborted) return false;
    if (this.#running.size >= AT_ONCE_MAX || this.#isResting(gtin14)) return false;
    const reading = readBarcode(gtin14);
    if (!reading.ok || reading.barcode.inStore || !this.#takeTurn()) return false;
    const work = new Promise<void>((resolve) => {
      // The answer goes out first.
      setImmediate(() => resolve());
    })
      .then(() => this.#run(gtin14))
      .catch((error: unknown) => {
        this.#rest(gtin14, FAILED_FOR_MS);
        this.#options.logger.warn({ err: error }, "a looked-up product was not stored");
      })
      .finally(() => this.#running.delete(gtin14));
    this.#running.set(gtin14, work);
    return true;
  };

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#circuit.end();
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  async #run(gtin14: string): Promise<void> {
    const answer = await this.#ask(gtin14);
    if (answer.kind !== "found") {
      this.#rest(gtin14, answer.kind === "unknown" ? UNKNOWN_FOR_MS : FAILED_FOR_MS);
      return;
    }
    const { db, analyse, now } = this.#options;
    const isStored = await storeOffProduct(db, gtin14, answer.record, now());
    // Of another barcode, or one that says nothing.
    if (!isStored) this.#rest(gtin14, UNKNOWN_FOR_MS);
    else await analyseOne({ db, analyse }, gtin14);
  }

  async #ask(gtin14: string): Promise<OffAnswer> {
    const answer = await askOff(this.#options.baseUrl, gtin14, this.#stop.signal);
    if (answer.kind !== "failed") {
      this.#circuit.succeeded();
      return answer;
    }
    if (this.#stop.signal.aborted) return answer;
    this.#options.logger.warn({ reason: answer.reason }, "a look-up at Open Food Facts failed");
    this.#lastFailed = gtin14;
    this.#circuit.failed();
    return answer;
  }

  async #probe(): Promise<boolean> {
    if (!this.#takeTurn()) return false;
    const answer = await askOff(this.#options.baseUrl, this.#lastFailed, this.#stop.signal);
    return answer.kind !== "failed";
  }

  /** Takes one of the look-ups of this minute, if there is one left. */
  #takeTurn(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#minute.since >= MINUTE_MS) this.#minute = { since: nowMs, count: 0 };
    if (this.#minute.count >= this.#options.perMinute) return false;
    this.#minute.count += 1;
    return true;
  }

  #isResting(gtin14: string): boolean {
    const until = this.#resting.get(gtin14);
    if (until === undefined) return false;
    if (performance.now() < until) return true;
    this.#resting.delete(gtin14);
    return false;
  }

  #rest(gtin14: string, forMs: number): void {
    if (this.#resting.size >= REMEMBERED_MAX) {
      const [oldest] = this.#resting.keys();
      if (oldest !== undefined) this.#resting.delete(oldest);
    }
    this.#resting.set(gtin14, performance.now() + forMs);
  }
}
