import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Db } from "../../db/client/database.ts";
import type { DeliveryState } from "../../db/tables/vocabulary.ts";
import { redacted } from "../../observability/error-summary.ts";
import {
  type Delivery,
  disableDevices,
  letGo,
  type Outcome,
  recordOutcomes,
  releaseBatch,
} from "./deliveries.ts";
import type { Refused, SendResult } from "./expo.ts";
import { outcomeOfRefused, outcomesOf } from "./outcomes.ts";
import { halt, putOff } from "./rate.ts";

/** Dependencies of a recorder. */
export interface RecorderOptions {
  readonly db: Db;
  readonly logger: Logger;
  /** Counts what became of deliveries. */
  readonly onOutcome: (state: DeliveryState, count: number) => void;
}

/** How long a database that cannot be reached is asked again, and how often. Units: milliseconds. */
const RETRY_MAX_MS = 120_000;
const RETRY_INTERVAL_MS = 250;

/**
 * Notes what became of batches. Only the worker that sent a batch knows it, so each note is tried again while the
 * database cannot be reached; without the note the batch would end as unknown.
 */
export class OutcomeRecorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Notes Expo's answer to a batch, and obeys it: to wait, to stop, to send nothing more to a phone. */
  async record(claim: string, batch: readonly Delivery[], result: SendResult): Promise<void> {
    const { db, logger } = this.#options;
    if (result.kind === "refused") {
      await this.#note(
        claim,
        batch.map((one) => outcomeOfRefused(one, result)),
      );
      const reason = redacted(result.message);
      logger.warn({ status: result.statusCode, reason }, "Expo refused a batch");
      if (result.statusCode === 429) await putOff(db, 1);
      if (result.statusCode === 401 || result.statusCode === 403)
        await this.#halt(`Expo refuses our access token: ${result.statusCode}`);
      return;
    }
    const { outcomes, dead, isSuspect } = outcomesOf(batch, result);
    await this.#note(claim, outcomes);
    if (isSuspect)
      await this.#halt(`${dead.length} of ${batch.length} tokens were said to be unknown`);
    else if (dead.length > 0) await disableDevices(db, dead);
  }

  /** Notes the refusal of a batch whose request was never complete. */
  async recordUnsent(claim: string, batch: readonly Delivery[], refusal: Refused): Promise<void> {
    await this.record(claim, batch, refusal);
    await letGo(this.#options.db, claim);
  }

  /** Takes back that a batch is being sent, because it was not. */
  async takeBack(claim: string, batch: readonly Delivery[]): Promise<void> {
    await untilReached(() => releaseBatch(this.#options.db, claim, batch));
  }

  async #note(claim: string, outcomes: readonly Outcome[]): Promise<void> {
    await untilReached(() => recordOutcomes(this.#options.db, claim, outcomes));
    for (const { state } of outcomes) this.#options.onOutcome(state, 1);
  }

  async #halt(because: string): Promise<void> {
    await halt(this.#options.db, because);
    this.#options.logger.fatal({ because }, "push notifications are stopped");
  }
}

/** Does something in the database, which may be away for a while. Errors: those of the last try. */
async function untilReached(work: () => Promise<void>): Promise<void> {
  const endsAt = performance.now() + RETRY_MAX_MS;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await pause(RETRY_INTERVAL_MS);
    }
  }
}
