import { gzipSync } from "node:zlib";
import type { Expo, ExpoPushReceipt, ExpoPushTicket } from "expo-server-sdk";
import type { Delivery } from "./deliveries.ts";
import { type HttpAnswer, prepareRequest, within } from "./prepared-request.ts";

/** The outcome of sending a batch. */
export type SendResult =
  | { readonly kind: "tickets"; readonly tickets: readonly ExpoPushTicket[] }
  /** Nothing was taken; `statusCode` 0: nobody was reached. */
  | { readonly kind: "refused"; readonly statusCode: number; readonly message: string }
  /** The batch may have gone out. */
  | { readonly kind: "unknown"; readonly message: string };

/** A batch of which nothing was taken; `statusCode` 0: nobody was reached. */
export type Refused = Extract<SendResult, { readonly kind: "refused" }>;

/** A batch that Expo has but for its last byte, so that it takes nothing of it yet. */
export interface PreparedBatch {
  /** Whether it cannot be sent any more. */
  isLost(): boolean;
  /** The refusal of an Expo that answered without the last byte; null: it has not. */
  refusal(): Refused | null;
  /** Writes the last byte before it returns. */
  send(): Promise<SendResult>;
  /** Drops the connection: nothing of the batch goes out. */
  abort(): void;
}

/** Expo's push service, as jobs use it. */
export interface PushService {
  /** Does all that takes time before a batch is sent. Errors: those of the network; nothing was taken. */
  prepare(deliveries: readonly Delivery[]): Promise<PreparedBatch>;
  /** Receipts by ticket. Errors: those of the network and of Expo. */
  receipts(ticketIds: readonly string[]): Promise<Readonly<Record<string, ExpoPushReceipt>>>;
}

/** When an answer has not come by then, nobody knows. Units: milliseconds. */
const ANSWER_MAX_MS = 20_000;
const CONNECT_MAX_MS = 5_000;
/** Longer bodies are compressed. Source: Expo's SDK. Units: characters. */
const PLAIN_MAX = 1_024;

/** Loads the SDK, which reads `EXPO_BASE_URL` from the environment then. */
async function loadClient(accessToken: string | null): Promise<Expo> {
  const { default: Client } = await import("expo-server-sdk");
  return new Client(accessToken === null ? {} : { accessToken });
}

/**
 * Opens Expo's push service. Receipts are asked for by the SDK, which is loaded with the first ones. Batches are sent
 * without it, because it cannot hold a request back.
 */
export function openPushService(accessToken: string | null, baseUrl: string): PushService {
  let loading: Promise<Expo> | undefined;
  const url = new URL(`${baseUrl}/--/api/v2/push/send`);
  const headers = {
    accept: "application/json",
    "accept-encoding": "gzip, deflate",
    "content-type": "application/json",
    "user-agent": "halal-backend",
    ...(accessToken === null ? {} : { authorization: `Bearer ${accessToken}` }),
  };
  return {
    async prepare(deliveries) {
      const json = JSON.stringify(deliveries.map(messageOf));
      const isLong = json.length > PLAIN_MAX;
      const request = await prepareRequest(url, {
        headers: isLong ? { ...headers, "content-encoding": "gzip" } : headers,
        body: isLong ? gzipSync(json) : Buffer.from(json),
        connectMaxMs: CONNECT_MAX_MS,
        answerMaxMs: ANSWER_MAX_MS,
      });
      return {
        isLost: () => request.lost() !== null,
        refusal() {
          const { status = null, message = "" } = request.lost() ?? {};
          return status === null ? null : { kind: "refused", statusCode: status, message };
        },
        send: () =>
          request.finish().then((answer) => readAnswer(answer, deliveries.length), unknown),
        abort: () => request.abort(),
      };
    },
    async receipts(ticketIds) {
      loading ??= loadClient(accessToken);
      const expo = await loading;
      return await within(ANSWER_MAX_MS, expo.getPushNotificationReceiptsAsync([...ticketIds]));
    },
  };
}

function messageOf({ token, title, body, alertId, isGravest }: Delivery) {
  return {
    to: token,
    title,
    body,
    sound: "default",
    priority: isGravest ? "high" : "default",
    data: { alertId },
  };
}

function unknown(error: unknown): SendResult {
  return {
    kind: "unknown",
    message: shorten(error instanceof Error ? error.message : String(error)),
  };
}

function shorten(message: string): string {
  return message.slice(0, 300);
}

/** The parts of Expo's answer that count. Source: Expo's documentation of the push service. */
interface ExpoAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message?: unknown }[];
}

function readAnswer({ status, text }: HttpAnswer, messages: number): SendResult {
  const answer = parse(text);
  const [error] = Array.isArray(answer?.errors) ? answer.errors : [];
  const message = shorten(
    typeof error?.message === "string" ? error.message : `Expo answered ${status}: ${text}`,
  );
  if (status >= 400 && status < 500) return { kind: "refused", statusCode: status, message };
  if (status !== 200 || error !== undefined || !Array.isArray(answer?.data))
    return { kind: "unknown", message };
  // Fewer tickets than messages: they match by position.
  return { kind: "tickets", tickets: (answer.data as ExpoPushTicket[]).slice(0, messages) };
}

function parse(text: string): ExpoAnswer | null {
  try {
    return JSON.parse(text) as ExpoAnswer | null;
  } catch {
    return null;
  }
}
