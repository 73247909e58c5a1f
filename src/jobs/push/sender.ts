import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import {
  claimBatch,
  type Delivery,
  giveBack,
  isAnyDue,
  letGo,
  markSending,
  settleLost,
} from "./deliveries.ts";
import type { PreparedBatch, PushService, SendResult } from "./expo.ts";
import { OutcomeRecorder, type RecorderOptions } from "./outcome-recorder.ts";
import { BATCH_MAX, giveSlotBack, type Slot, SLOT_LEASE_MS, takeSlot } from "./rate.ts";

/** Dependencies of a sender. */
export interface SenderOptions extends RecorderOptions {
  readonly service: PushService;
  /** Sees how long a batch was let go and not yet sent, a time after which a crash leaves it unknown. Units: seconds. */
  readonly onSent?: (window: { readonly fromAsking: number; readonly fromAnswer: number }) => void;
  /** After this long without an end, what another worker was sending is settled. Units: seconds. */
  readonly lostAfterSeconds?: number;
}

/** Batches on their way at once in one worker: a slow answer must not cost turns. */
const LANES = 6;
/** How long a lane rests when nothing is due; a signal wakes it sooner. Units: milliseconds. */
const REST_MS = 2_000;
/** Longer than an answer is waited for, so that its worker is gone for certain. Units: seconds. */
const LOST_AFTER_SECONDS = 60;
const LOST_INTERVAL_MS = 5_000;
/** How often a lane asks for a slot while others have all of them; each is taken a second ahead. Units: milliseconds. */
const SLOT_POLL_MS = 250;
/** A batch is given back when no slot has come by then, well within the time that it is the worker's own. */
const SLOT_WAIT_MAX_MS = 10_000;
/** A slot of which so much of the lease is over is not used: others may take it for lost. */
const SLOT_LATE_MAX_MS = SLOT_LEASE_MS / 2;
/**
 * How long before a slot's time its batch is marked and its request is prepared. Services cut requests that take much
 * longer. Units: milliseconds.
 */
const PREPARE_AHEAD_MS = 500;

/** A batch that was sent in a slot; the result is still to come. */
interface SentBatch {
  readonly batch: readonly Delivery[];
  readonly slot: Slot;
  readonly sending: Promise<SendResult>;
}

/**
 * Sends what is due, in as many processes as one likes. The table of deliveries is its own queue: each batch is marked,
 * prepared but for the last byte of its request, and let go just before that byte. Only a crash between the last two
 * leaves it unknown whether the batch went out.
 */
export class PushSender {
  readonly #options: SenderOptions;
  readonly #recorder: OutcomeRecorder;
  readonly #stopping = new AbortController();
  #running: Promise<unknown>[] = [];
  #rest = new AbortController();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#recorder = new OutcomeRecorder(options);
  }

  /** Begins to send. */
  start(): void {
    this.#running = Array.from({ length: LANES }, () => this.#runLane());
    this.#running.push(this.#settle());
  }

  /** Looks for deliveries now. */
  wake(): void {
    this.#rest.abort();
    this.#rest = new AbortController();
  }

  /** Begins no batch more and waits for those that are on their way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await Promise.all(this.#running);
  }

  async #runLane(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      let sent = false;
      try {
        sent = await this.#sendNext();
      } catch (error) {
        this.#options.logger.error({ err: error }, "push notifications could not be sent");
      }
      if (!sent) await this.#restFor(REST_MS);
    }
  }

  /** Waits, or is woken, or stopped. */
  async #restFor(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.#rest.signal, this.#stopping.signal]);
    await pause(ms, undefined, { signal }).catch(() => {});
  }

  /** Sends one batch in a slot; tells whether there was something to do. */
  async #sendNext(): Promise<boolean> {
    const { db } = this.#options;
    if (!(await isAnyDue(db))) return false;
    const claim = randomUUID();
    const claimed = await claimBatch(db, claim, BATCH_MAX);
    if (claimed.length === 0) return true;
    const sent = await this.#sendInSlot(claim, claimed);
    if (sent === null) {
      await giveBack(db, claim, claimed);
      return false;
    }
    // An error of the slot's is no outcome of the batch: the slot's lease ends by itself.
    const givingBack = giveSlotBack(db, claim, sent.slot, true);
    const [result] = await Promise.all([
      sent.sending,
      givingBack.catch((error: unknown) =>
        this.#options.logger.warn({ err: error }, "a slot could not be given back"),
      ),
    ]);
    await this.#recorder.record(claim, sent.batch, result);
    return true;
  }

  /**
   * Sends a batch when a slot's time has come, and not before. Gives null when sending is stopped, no slot came, Expo
   * was not reached, or nothing of the batch is this worker's any more.
   */
  async #sendInSlot(claim: string, claimed: readonly Delivery[]): Promise<SentBatch | null> {
    const { db } = this.#options;
    const endsAt = performance.now() + SLOT_WAIT_MAX_MS;
    while (!this.#stopping.signal.aborted && performance.now() < endsAt) {
      const askedAt = performance.now();
      const slot = await takeSlot(db, claim);
      if (slot === null) {
        await pause(SLOT_POLL_MS);
        continue;
      }
      const opensAt = performance.now() + slot.waitMs;
      const lostAt = askedAt + slot.waitMs + SLOT_LATE_MAX_MS;
      await pauseUntil(opensAt - PREPARE_AHEAD_MS);
      const batch = await markSending(db, claim, claimed);
      const request = batch.length === 0 ? null : await this.#prepare(claim, batch);
      let refusal = null;
      if (request !== null) {
        await pauseUntil(opensAt);
        const sending = await this.#finish(claim, request, lostAt);
        if (sending !== null) return { batch, slot, ...sending };
        refusal = request.refusal();
        if (refusal === null) await this.#recorder.takeBack(claim, batch);
        else await this.#recorder.recordUnsent(claim, batch, refusal);
      }
      await giveSlotBack(db, claim, slot, false);
      if (request === null || refusal !== null) return null;
      await pause(SLOT_POLL_MS);
    }
    return null;
  }

  /** Prepares a batch's request; one that does not reach Expo is noted and gives null. */
  async #prepare(claim: string, batch: readonly Delivery[]): Promise<PreparedBatch | null> {
    try {
      return await this.#options.service.prepare(batch);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await this.#recorder.recordUnsent(claim, batch, { kind: "refused", statusCode: 0, message });
      return null;
    }
  }

  /**
   * Lets a batch go and writes the last byte of its request in the tick in which the answer is read: of what is let go
   * and not sent nobody knows after a crash. Gives null, and drops the request, when it may not be sent.
   */
  async #finish(
    claim: string,
    request: PreparedBatch,
    lostAt: number,
  ): Promise<{ readonly sending: Promise<SendResult> } | null> {
    const mayBeSent = () => performance.now() <= lostAt && !request.isLost();
    let sending: Promise<SendResult> | undefined;
    try {
      const askedAt = performance.now();
      if (!mayBeSent() || !(await this.#letGo(claim)) || !mayBeSent()) return null;
      const answeredAt = performance.now();
      sending = request.send();
      const sentAt = performance.now();
      this.#options.onSent?.({
        fromAsking: (sentAt - askedAt) / 1000,
        fromAnswer: (sentAt - answeredAt) / 1000,
      });
      return { sending };
    } finally {
      if (sending === undefined) request.abort();
    }
  }

  /** Lets a batch go; gives false when nobody can say whether it was let go, so that it is not sent. */
  async #letGo(claim: string): Promise<boolean> {
    try {
      return await letGo(this.#options.db, claim);
    } catch (error) {
      this.#options.logger.warn({ err: error }, "a batch could not be let go");
      return false;
    }
  }

  /** Settles what lost workers were sending. */
  async #settle(): Promise<void> {
    const { db, logger, lostAfterSeconds = LOST_AFTER_SECONDS } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        const lost = await settleLost(db, lostAfterSeconds);
        if (lost > 0) logger.warn({ lost }, "deliveries of a lost worker were settled");
      } catch (error) {
        logger.error({ err: error }, "lost deliveries could not be settled");
      }
      await pause(LOST_INTERVAL_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }
}

/** Waits until a time on the clock of `performance.now()`. */
async function pauseUntil(at: number): Promise<void> {
  const restMs = at - performance.now();
  if (restMs > 0) await pause(Math.ceil(restMs));
}
