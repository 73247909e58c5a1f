import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { ExpoPushTicket } from "expo-server-sdk";
import type { Logger } from "pino";
import type { Db } from "../../db/client/database.ts";
import type { DeliveryState } from "../../db/tables/vocabulary.ts";
import {
  claimBatch,
  type Delivery,
  disableDevices,
  giveBack,
  GRAVEST_TRIES,
  isAnyDue,
  type Outcome,
  markSending,
  recordOutcomes,
  releaseBatch,
  settleLost,
} from "./deliveries.ts";
import type { PushService, SendResult } from "./expo.ts";
import {
  BATCH_MAX,
  giveSlotBack,
  halt,
  putOff,
  type Slot,
  SLOT_LEASE_MS,
  takeSlot,
} from "./rate.ts";

/** Dependencies of a sender. */
export interface SenderOptions {
  readonly db: Db;
  readonly logger: Logger;
  readonly service: PushService;
  /** Counts what became of deliveries. */
  readonly onOutcome: (state: DeliveryState, count: number) => void;
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
const RETRY_SECONDS = 15;
/** First after so long, then again. Source: Expo's documentation, "push receipts". Units: seconds. */
export const RECEIPT_AFTER_SECONDS = 15 * 60;
/** More dead tokens than this, of so many at least, are Expo's fault and not the phones'. */
export const DEAD_SHARE_MAX = 0.3;
export const DEAD_COUNTED_MIN = 20;

/**
 * Sends what is due, in as many processes as one likes. The table of deliveries is its own queue: each batch is marked
 * and committed before it is sent, because only then is it known after a crash what may have gone out.
 */
export class PushSender {
  readonly #options: SenderOptions;
  readonly #stopping = new AbortController();
  #running: Promise<unknown>[] = [];
  #rest = new AbortController();

  constructor(options: SenderOptions) {
    this.#options = options;
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
    const { db, service } = this.#options;
    if (!(await isAnyDue(db))) return false;
    // All that takes time is done before the slot is.
    await service.prepare();
    const claim = randomUUID();
    const claimed = await claimBatch(db, claim, BATCH_MAX);
    if (claimed.length === 0) return true;
    const marked = await this.#markInSlot(claim, claimed);
    if (marked === null) {
      await giveBack(db, claim, claimed);
      return false;
    }
    const { batch, slot } = marked;
    const sending = service.send(batch);
    // The request goes out within this turn of the loop.
    await nextTurn();
    // An error of the slot's is no outcome of the batch: the slot's lease ends by itself.
    const givingBack = giveSlotBack(db, claim, slot, true);
    const [result] = await Promise.all([
      sending,
      givingBack.catch((error: unknown) =>
        this.#options.logger.warn({ err: error }, "a slot could not be given back"),
      ),
    ]);
    await this.#record(claim, batch, result);
    return true;
  }

  /**
   * Marks a batch as being sent when its slot's time has come, and not before: of what is marked and not sent nobody
   * knows after a crash. Gives what is to be sent at once, or null when sending is stopped, no slot came, or nothing of
   * it is this worker's any more.
   */
  async #markInSlot(
    claim: string,
    claimed: readonly Delivery[],
  ): Promise<{ readonly batch: readonly Delivery[]; readonly slot: Slot } | null> {
    const { db } = this.#options;
    const endsAt = performance.now() + SLOT_WAIT_MAX_MS;
    while (!this.#stopping.signal.aborted && performance.now() < endsAt) {
      const askedAt = performance.now();
      const slot = await takeSlot(db, claim);
      if (slot === null) {
        await pause(SLOT_POLL_MS);
        continue;
      }
      const lostAt = askedAt + slot.waitMs + SLOT_LATE_MAX_MS;
      await pause(slot.waitMs);
      const batch = performance.now() > lostAt ? [] : await markSending(db, claim, claimed);
      if (batch.length > 0 && performance.now() <= lostAt) return { batch, slot };
      if (batch.length > 0) await releaseBatch(db, claim, batch);
      await giveSlotBack(db, claim, slot, false);
      if (batch.length === 0 && performance.now() <= lostAt) return null;
    }
    return null;
  }

  async #record(claim: string, batch: readonly Delivery[], result: SendResult): Promise<void> {
    const { db, logger } = this.#options;
    if (result.kind === "refused") {
      await recordOutcomes(
        db,
        claim,
        batch.map((one) => refused(one, result)),
      );
      logger.warn({ status: result.statusCode, reason: result.message }, "Expo refused a batch");
      if (result.statusCode === 429) await putOff(db, 1);
      if (result.statusCode === 401 || result.statusCode === 403)
        await this.#halt(`Expo refuses our access token: ${result.statusCode}`);
      this.#count(result.statusCode === 400 ? "dead" : "planned", batch.length);
      return;
    }
    const tickets = result.kind === "tickets" ? result.tickets : [];
    const dead = batch.filter((_, i) => isDead(tickets[i]));
    const isSuspect =
      dead.length >= DEAD_COUNTED_MIN && dead.length > DEAD_SHARE_MAX * batch.length;
    const outcomes = batch.map((one, i) =>
      isSuspect && isDead(tickets[i])
        ? { ...keyOf(one), state: "planned" as const, dueInSeconds: RETRY_SECONDS }
        : outcomeOf(one, tickets[i], result.kind === "unknown" ? result.message : "no ticket came"),
    );
    await recordOutcomes(db, claim, outcomes);
    for (const { state } of outcomes) this.#count(state, 1);
    if (isSuspect)
      await this.#halt(`${dead.length} of ${batch.length} tokens were said to be unknown`);
    else if (dead.length > 0) await disableDevices(db, dead);
  }

  async #halt(because: string): Promise<void> {
    await halt(this.#options.db, because);
    this.#options.logger.fatal({ because }, "push notifications are stopped");
  }

  #count(state: DeliveryState, count: number): void {
    this.#options.onOutcome(state, count);
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

function keyOf({ userId, notificationId, token }: Delivery) {
  return { userId, notificationId, token };
}

/** Nothing of the batch was taken: it is sent again, unless it is the batch that is wrong. */
function refused(
  one: Delivery,
  { statusCode, message }: { statusCode: number; message: string },
): Outcome {
  if (statusCode === 429) return { ...keyOf(one), state: "planned", dueInSeconds: 1 };
  if (statusCode === 0 || statusCode === 401 || statusCode === 403)
    return { ...keyOf(one), state: "planned", dueInSeconds: RETRY_SECONDS };
  return { ...keyOf(one), state: "dead", error: message };
}

export function isDead(
  answer: { readonly status: string; details?: unknown } | undefined,
): boolean {
  const details = answer?.status === "error" ? answer.details : undefined;
  return (
    typeof details === "object" &&
    details !== null &&
    "error" in details &&
    details.error === "DeviceNotRegistered"
  );
}

/** An unknown outcome counts as sent: who is told twice turns notifications off. Not so for the gravest. */
function outcomeOf(one: Delivery, ticket: ExpoPushTicket | undefined, unknown: string): Outcome {
  if (ticket === undefined)
    return one.isGravest && one.tries + 1 < GRAVEST_TRIES
      ? { ...keyOf(one), state: "planned", error: unknown, dueInSeconds: RETRY_SECONDS }
      : { ...keyOf(one), state: "unknown", error: unknown };
  if (ticket.status === "ok")
    return {
      ...keyOf(one),
      state: "ticket",
      ticketId: ticket.id,
      dueInSeconds: RECEIPT_AFTER_SECONDS,
    };
  return { ...keyOf(one), state: "dead", error: ticket.details?.error ?? ticket.message };
}
