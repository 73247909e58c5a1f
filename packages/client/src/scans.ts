import type { TRPCClient } from "@trpc/client";
import type { AppRouter, RouterInputs } from "./app-router.ts";
import { HalalClientError } from "./errors.ts";
import type { KeptAnswers, KeptProduct } from "./kept/kept-answers.ts";
import { type Owner, within } from "./owner.ts";
import type { ChangeEvent } from "./queue/lane-sender.ts";
import type { ChangeQueue } from "./queue/queue.ts";
import type { QueuedScan, RecordedScan } from "./queue/scans-lane.ts";
import { gtin14Of, type Source } from "./readings.ts";

/** A scan as the app makes it; its id and its time are the client's. */
export type ScanInput = Omit<RouterInputs["scans"]["record"], "id" | "scannedAt">;

/** The answer to a scan. */
export type ScanAnswer = {
  readonly id: string;
  /** Canonical GTIN-14. */
  readonly barcode: string;
  /** Whether the server has the scan; else it waits in the queue. */
  readonly isRecorded: boolean;
} & (
  | (Pick<KeptProduct, "product" | "verdict" | "recalls"> & Source)
  /** Nobody can be asked, and this phone has never seen the product. */
  | {
      readonly answeredBy: "none";
      readonly ageSeconds: null;
      readonly product: null;
      readonly verdict: null;
      readonly recalls: readonly [];
    }
);

type Shown = Pick<KeptProduct, "product" | "verdict" | "recalls"> & Source;

/** The parts of scans. */
export interface ScanParts {
  readonly trpc: TRPCClient<AppRouter>;
  readonly queue: ChangeQueue;
  readonly waiting: (owner: string | null) => Promise<number>;
  readonly kept: KeptAnswers;
  readonly owner: Owner;
  readonly randomUUID: () => string;
  readonly patienceMs: number;
  readonly nowMs: () => number;
}

/** A clock that was set back by more than this was wrong before. */
const SAME_CLOCK_MS = 60_000;

/** Records scans through the queue, and shows at once what can be known of them. */
export class Scans {
  readonly #parts: ScanParts;
  /** Those who wait for the outcome of a scan, by its id. */
  readonly #awaited = new Map<string, (outcome: ChangeEvent["outcome"]) => void>();
  #lastMs = 0;

  constructor(parts: ScanParts) {
    this.#parts = parts;
    parts.queue.subscribe(({ id, outcome }) => this.#awaited.get(id)?.(outcome));
  }

  /**
   * Keeps a scan in the queue, then answers: as the server does, or, when that cannot be reached, as it did the last
   * time, with the age of that answer.
   * Units: degrees.
   * Errors: HalalClientError for a barcode that is none, and when the server refuses the scan.
   */
  async record(input: ScanInput): Promise<ScanAnswer> {
    const { queue, patienceMs, nowMs } = this.#parts;
    const barcode = gtin14Of(input.barcode);
    const id = this.#parts.randomUUID().toLowerCase();
    const owner = await this.#parts.owner.current();
    const scan: QueuedScan = { ...input, id, barcode, scannedAt: this.#nextTime() };
    const decided = new Promise<ChangeEvent["outcome"]>((resolve) => {
      this.#awaited.set(id, resolve);
    });
    try {
      await queue.append({ id, lane: "scans", owner, body: JSON.stringify(scan) });
      const sent = queue.flush().then(() => undefined);
      const isBehind = owner === null || (await this.#parts.waiting(owner)) > 1;
      // The scan may have to wait for others; what it shows has not to.
      const shown = isBehind ? this.#ask(input, barcode) : sent;
      const first = await within(patienceMs, Promise.race([decided, shown]));
      if (first !== undefined && "state" in first) return answerOf(id, barcode, first);
      const facts = { id, barcode, isRecorded: false };
      if (first !== undefined) return { ...facts, ...first };
      const kept = await this.#parts.kept.findProduct(barcode, input.madhab ?? null, owner);
      if (kept === null)
        return {
          ...facts,
          answeredBy: "none",
          ageSeconds: null,
          product: null,
          verdict: null,
          recalls: [],
        };
      const { product, verdict, recalls } = kept.value;
      const ageSeconds = Math.max(0, (nowMs() - kept.savedAtMs) / 1000);
      return { ...facts, answeredBy: "device", ageSeconds, product, verdict, recalls };
    } finally {
      this.#awaited.delete(id);
    }
  }

  /** The public answer about a product, or undefined when there is none now. */
  async #ask({ madhab }: ScanInput, barcode: string): Promise<Shown | undefined> {
    try {
      const answer = await this.#parts.trpc.product.byBarcode.query({ barcode, madhab });
      const { product, verdict, recalls } = answer;
      return { product, verdict, recalls, answeredBy: "server", ageSeconds: 0 };
    } catch {
      return undefined;
    }
  }

  /** The time now, later than that of the scan before, because the history is in the order of times. */
  #nextTime(): string {
    const nowMs = this.#parts.nowMs();
    const isSameClock = this.#lastMs - nowMs < SAME_CLOCK_MS;
    this.#lastMs = isSameClock ? Math.max(nowMs, this.#lastMs + 1) : nowMs;
    return new Date(this.#lastMs).toISOString();
  }
}

function answerOf(id: string, barcode: string, outcome: ChangeEvent["outcome"]): ScanAnswer {
  if (outcome.state === "refused")
    throw new HalalClientError(outcome.code, outcome.message, outcome.reason);
  const { product, verdict, recalls } = outcome.answer as RecordedScan;
  const shown = { product, verdict, recalls, answeredBy: "server", ageSeconds: 0 } as const;
  return { id, barcode, isRecorded: true, ...shown };
}
