import type { Expo, ExpoPushReceipt, ExpoPushTicket } from "expo-server-sdk";
import type { Delivery } from "./deliveries.ts";

/** The outcome of sending a batch. */
export type SendResult =
  | { readonly kind: "tickets"; readonly tickets: readonly ExpoPushTicket[] }
  /** Nothing was taken; `statusCode` 0: nobody was reached. */
  | { readonly kind: "refused"; readonly statusCode: number; readonly message: string }
  /** The batch may have gone out. */
  | { readonly kind: "unknown"; readonly message: string };

/** Expo's push service, as jobs use it. */
export interface PushService {
  /** Loads what sending needs, which takes a moment the first time. */
  prepare(): Promise<void>;
  send(deliveries: readonly Delivery[]): Promise<SendResult>;
  /** Receipts by ticket. Errors: those of the network and of Expo. */
  receipts(ticketIds: readonly string[]): Promise<Readonly<Record<string, ExpoPushReceipt>>>;
}

/** When an answer has not come by then, nobody knows. Units: milliseconds. */
const ANSWER_TIMEOUT_MS = 20_000;
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** An answer of 429 in a form that the SDK does not send again by itself, past the rate over all workers. */
class TooManyRequests extends Error {
  override readonly name = "TooManyRequests";
}

/** The SDK's members that its types do not declare. */
interface Requests {
  requestAsync(url: string, options: unknown): Promise<unknown>;
}

/** Loads the SDK, which reads `EXPO_BASE_URL` from the environment then. */
async function loadClient(accessToken: string | null): Promise<Expo> {
  const { default: Client } = await import("expo-server-sdk");
  const expo = new Client({
    ...(accessToken === null ? {} : { accessToken }),
    maxConcurrentRequests: 100,
  });
  const requests = expo as unknown as Requests;
  const request = requests.requestAsync.bind(expo);
  requests.requestAsync = async (url, options) => {
    try {
      return await request(url, options);
    } catch (error) {
      if (statusOf(error) !== 429) throw error;
      throw new TooManyRequests("Expo asks for a pause", { cause: error });
    }
  };
  return expo;
}

/** Opens Expo's push service; the SDK is loaded with the first batch, because most processes never send one. */
export function openPushService(accessToken: string | null): PushService {
  let loading: Promise<Expo> | undefined;
  const client = () => (loading ??= loadClient(accessToken));
  return {
    async prepare() {
      await client();
    },
    async send(deliveries) {
      const messages = deliveries.map(({ token, title, body, alertId, isGravest }) => ({
        to: token,
        title,
        body,
        sound: "default" as const,
        priority: isGravest ? ("high" as const) : ("default" as const),
        data: { alertId },
      }));
      try {
        const expo = await client();
        const tickets = await inTime(expo.sendPushNotificationsAsync(messages));
        return { kind: "tickets", tickets };
      } catch (error) {
        return readFailure(error);
      }
    },
    async receipts(ticketIds) {
      const expo = await client();
      return await inTime(expo.getPushNotificationReceiptsAsync([...ticketIds]));
    },
  };
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), ANSWER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function readFailure(error: unknown): SendResult {
  const message = error instanceof Error ? error.message.slice(0, 300) : String(error);
  if (error instanceof TooManyRequests) return { kind: "refused", statusCode: 429, message };
  const statusCode = statusOf(error);
  if (statusCode !== null && statusCode >= 400 && statusCode < 500)
    return { kind: "refused", statusCode, message };
  if (NEVER_SENT.has(codeOf(error))) return { kind: "refused", statusCode: 0, message };
  // Fewer tickets than messages: they match by position.
  const tickets = error instanceof Error && "data" in error ? error.data : undefined;
  if (Array.isArray(tickets)) return { kind: "tickets", tickets: tickets as ExpoPushTicket[] };
  return { kind: "unknown", message };
}

function statusOf(error: unknown): number | null {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : null;
}

/** The network's code of an error, which fetch puts into its cause. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if ("code" in at && typeof at.code === "string") return at.code;
  return "";
}
