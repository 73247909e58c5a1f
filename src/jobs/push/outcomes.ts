import type { ExpoPushTicket } from "expo-server-sdk";
import { type Delivery, GRAVEST_TRIES, type Outcome } from "./deliveries.ts";
import type { Refused, SendResult } from "./expo.ts";

const RETRY_SECONDS = 15;
/** First after so long, then again. Source: Expo's documentation, "push receipts". Units: seconds. */
export const RECEIPT_AFTER_SECONDS = 15 * 60;
/** More dead tokens than this, of so many at least, are Expo's fault and not the phones'. */
export const DEAD_SHARE_MAX = 0.3;
export const DEAD_COUNTED_MIN = 20;

function keyOf({ userId, notificationId, token }: Delivery) {
  return { userId, notificationId, token };
}

/**
 * Nothing of the batch was taken: it is sent again, and the try does not count. A batch that is itself wrong would be
 * refused for ever and ends.
 */
export function outcomeOfRefused(one: Delivery, { statusCode, message }: Refused): Outcome {
  if (isBatchWrong(statusCode)) return { ...keyOf(one), state: "dead", error: message };
  const dueInSeconds = statusCode === 429 ? 1 : RETRY_SECONDS;
  return { ...keyOf(one), state: "planned", error: message, dueInSeconds, isUntried: true };
}

/** Whether a refusal is about what the batch says, and not about us, the moment, or the way to Expo. */
function isBatchWrong(statusCode: number): boolean {
  return (
    statusCode >= 400 && statusCode < 500 && ![401, 403, 407, 408, 425, 429].includes(statusCode)
  );
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

/** The outcomes of a batch that was sent; `isSuspect`: so many tokens are said to be dead that none is believed to be. */
export function outcomesOf(
  batch: readonly Delivery[],
  result: Exclude<SendResult, Refused>,
): {
  readonly outcomes: readonly Outcome[];
  readonly dead: readonly Delivery[];
  readonly isSuspect: boolean;
} {
  const tickets = result.kind === "tickets" ? result.tickets : [];
  const dead = batch.filter((_, i) => isDead(tickets[i]));
  const isSuspect = dead.length >= DEAD_COUNTED_MIN && dead.length > DEAD_SHARE_MAX * batch.length;
  const outcomes = batch.map((one, i) =>
    isSuspect && isDead(tickets[i])
      ? { ...keyOf(one), state: "planned" as const, dueInSeconds: RETRY_SECONDS }
      : outcomeOf(one, tickets[i], result.kind === "unknown" ? result.message : "no ticket came"),
  );
  return { outcomes, dead, isSuspect };
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
