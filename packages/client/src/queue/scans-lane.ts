import type { TRPCClient } from "@trpc/client";
import type { AppRouter, RouterInputs, RouterOutputs } from "../app-router.ts";
import { errorFactsOf } from "../errors.ts";
import type { QueuedChange } from "../storage/storage.ts";
import type { CallOptions, Lane, SentOutcome } from "./lane.ts";

/** A scan as the queue keeps it. */
export type QueuedScan = RouterInputs["scans"]["record"];
/** The server's answer to a scan. */
export type RecordedScan = RouterOutputs["scans"]["record"];

/** The server's own limit. */
const SCANS_MAX = 100;
/** After how long a user who has sent too many scans today sends the rest. Units: seconds. */
const TOO_MANY_WAIT_SECONDS = 3_600;

/** Sends scans: several by `scans.recordMany`; one alone by `scans.record`, which counts as one call and not as ten. */
export function scansLane(trpc: TRPCClient<AppRouter>): Lane {
  return {
    name: "scans",
    batchMax: SCANS_MAX,
    async send(changes, options) {
      const scans = changes.map(scanOf);
      const [only] = scans;
      if (only !== undefined && scans.length === 1) return [await sendOne(trpc, only, options)];
      const { outcomes } = await trpc.scans.recordMany.mutate({ scans }, options);
      return changes.map(({ id }, place): SentOutcome => {
        const outcome = outcomes[place];
        if (outcome === undefined || outcome.id.toLowerCase() !== id)
          throw new Error("scans.recordMany answered other scans than it was sent");
        if (outcome.ok) return { state: "accepted", answer: outcome };
        const { code, message } = outcome;
        return code === "TOO_MANY_REQUESTS"
          ? { state: "later", retryAfterSeconds: TOO_MANY_WAIT_SECONDS }
          : { state: "refused", code, message };
      });
    },
  };
}

async function sendOne(
  trpc: TRPCClient<AppRouter>,
  scan: QueuedScan,
  options: CallOptions,
): Promise<SentOutcome> {
  try {
    return { state: "accepted", answer: await trpc.scans.record.mutate(scan, options) };
  } catch (error) {
    const { reason, retryAfterSeconds = TOO_MANY_WAIT_SECONDS } = errorFactsOf(error);
    if (reason === "too_many_scans") return { state: "later", retryAfterSeconds };
    throw error;
  }
}

/** A body that cannot be read is sent as it is, because the server then says what is wrong with it. */
function scanOf({ id, body }: QueuedChange): QueuedScan {
  try {
    const scan = JSON.parse(body) as QueuedScan;
    return { ...scan, id };
  } catch {
    return { id, barcode: body.slice(0, 100) };
  }
}
