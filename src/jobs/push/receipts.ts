import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { Job } from "../job.ts";
import { disableDevices, type Outcome, recordOutcomes } from "./deliveries.ts";
import type { PushService } from "./expo.ts";
import { DEAD_COUNTED_MIN, DEAD_SHARE_MAX, isDead, RECEIPT_AFTER_SECONDS } from "./outcomes.ts";
import { halt } from "./rate.ts";

/** Receipts of one request. Source: Expo's documentation of the push service. */
const CHUNK_MAX = 300;
/** Chunks of one pass: what is known of so many phones decides whether Expo is to be believed. */
const CHUNKS_A_PASS = 40;
/** Expo keeps receipts for about a day. Units: hours. */
const KEPT_HOURS = 24;

interface Waiting extends Record<string, unknown> {
  readonly userId: string;
  readonly notificationId: string;
  readonly token: string;
  readonly ticketId: string;
  readonly isOver: boolean;
}

/** The next deliveries whose receipt is due, put off so that a worker that crashes now asks again later. */
async function takeDue(db: Db): Promise<Waiting[]> {
  return await db.execute<Waiting>(sql`
    update deliveries d set due_at = now() + make_interval(secs => ${RECEIPT_AFTER_SECONDS})
    from (
      select user_id, notification_id, token from deliveries
      where state = 'ticket' and due_at <= now() order by due_at limit ${CHUNK_MAX} for update skip locked
    ) as due
    where d.user_id = due.user_id and d.notification_id = due.notification_id and d.token = due.token
    returning d.user_id as "userId", d.notification_id as "notificationId", d.token, d.ticket_id as "ticketId",
      d.ticket_at < now() - make_interval(hours => ${KEPT_HOURS}) as "isOver"`);
}

/** The outcome of the receipts that one pass asked for. */
export interface ReceiptPass {
  readonly answered: number;
  readonly dead: number;
  /** Too many were dead to be believed: no phone was disabled, and sending is stopped. */
  readonly isHalted: boolean;
}

/** Asks for all receipts that are due; disables phones that have gone, unless too many are said to have. */
export async function askReceipts(
  db: Db,
  service: PushService,
  onOutcome: (state: Outcome["state"], count: number) => void,
  signal?: AbortSignal,
): Promise<ReceiptPass> {
  let answered = 0;
  const dead: Outcome[] = [];
  for (let chunk = 0; chunk < CHUNKS_A_PASS; chunk += 1) {
    if (signal?.aborted === true) break;
    const due = await takeDue(db);
    if (due.length === 0) break;
    const receipts = await service.receipts(due.map(({ ticketId }) => ticketId));
    const outcomes: Outcome[] = [];
    for (const { userId, notificationId, token, ticketId, isOver } of due) {
      const key = { userId, notificationId, token };
      const receipt = receipts[ticketId];
      if (receipt === undefined) {
        if (isOver) outcomes.push({ ...key, state: "unknown", error: "no receipt came" });
        continue;
      }
      answered += 1;
      if (receipt.status === "ok") outcomes.push({ ...key, state: "delivered" });
      else if (isDead(receipt)) dead.push({ ...key, state: "dead", error: "DeviceNotRegistered" });
      else
        outcomes.push({ ...key, state: "dead", error: receipt.details?.error ?? receipt.message });
    }
    await recordOutcomes(db, null, outcomes);
    for (const { state } of outcomes) onOutcome(state, 1);
  }
  const isHalted = dead.length >= DEAD_COUNTED_MIN && dead.length > DEAD_SHARE_MAX * answered;
  if (isHalted) {
    await halt(db, `${dead.length} of ${answered} receipts said that the phone is unknown`);
  } else if (dead.length > 0) {
    await recordOutcomes(db, null, dead);
    await disableDevices(db, dead);
    onOutcome("dead", dead.length);
  }
  return { answered, dead: dead.length, isHalted };
}

/** Makes the job that asks Expo what became of notifications. */
export function receiptsJob(
  service: PushService,
  onOutcome: (state: Outcome["state"], count: number) => void,
): Job {
  return {
    queue: "push-receipts",
    schedule: "* * * * *",
    expireSeconds: 600,
    async run({ db, logger, signal }) {
      const pass = await askReceipts(db, service, onOutcome, signal);
      if (pass.isHalted) logger.fatal(pass, "push notifications are stopped");
    },
  };
}
