import { randomUUID } from "node:crypto";
import { StartupError } from "../startup-error.ts";
import type { ErrorSummary } from "./error-summary.ts";

/** Where unexpected errors are told; never waits, never throws. */
export interface ErrorReporter {
  report(error: ErrorSummary, about: ReportedCall): void;
  /** Waits for what is under way. Units: milliseconds. */
  flush(timeoutMs: number): Promise<void>;
}

/** The call in which an error came up. */
export interface ReportedCall {
  readonly procedure: string;
  readonly requestId?: string;
  /** A hash, not an id. */
  readonly user?: string;
}

/** For deployments without an error tracker. */
export const NO_REPORTER: ErrorReporter = { report: () => {}, flush: () => Promise.resolve() };

const SEND_TIMEOUT_MS = 5_000;
/** Beyond these under way, errors are dropped: the log has them all. */
const SENDING_MAX = 10;
/** How long nothing is sent after a failure, where the server names no time. */
const PAUSE_MS = 30_000;
const CLIENT = "halal-backend/1";

interface Dsn {
  readonly envelopeUrl: string;
  readonly publicKey: string;
}

/** Source: Sentry's developer documentation, "Parsing the DSN". */
function parseDsn(dsn: string): Dsn {
  const url = URL.canParse(dsn) ? new URL(dsn) : null;
  const match = url === null ? null : /^(.*\/)(\d+)\/?$/.exec(url.pathname);
  if (url === null || match === null || url.username === "" || !/^https?:$/.test(url.protocol)) {
    throw new StartupError(
      `SENTRY_DSN is ******** (${dsn.length} characters), but must be a DSN such as https://<public key>@<host>/<project number>`,
    );
  }
  return {
    envelopeUrl: `${url.protocol}//${url.host}${match[1]}api/${match[2]}/envelope/`,
    publicKey: url.username,
  };
}

/**
 * Tells Sentry about errors by its envelope endpoint, behind the calls in which they came up.
 * Errors: StartupError when the DSN is none.
 * Source: Sentry's developer documentation, "Envelopes" and "Event Payloads".
 */
export function createSentryReporter(dsn: string, nowMs: () => number): ErrorReporter {
  const { envelopeUrl, publicKey } = parseDsn(dsn);
  const sending = new Set<Promise<void>>();
  let pausedUntilMs = 0;

  async function send(body: string): Promise<void> {
    try {
      const response = await fetch(envelopeUrl, {
        method: "POST",
        headers: {
          "content-type": "application/x-sentry-envelope",
          "x-sentry-auth": `Sentry sentry_version=7, sentry_client=${CLIENT}, sentry_key=${publicKey}`,
        },
        body,
        signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (response.ok) return;
      const seconds = Number(response.headers.get("retry-after"));
      pausedUntilMs = nowMs() + (seconds > 0 ? seconds * 1000 : PAUSE_MS);
    } catch {
      pausedUntilMs = nowMs() + PAUSE_MS;
    }
  }

  async function forget(sent: Promise<void>): Promise<void> {
    await sent;
    sending.delete(sent);
  }

  return {
    report(error, about) {
      if (sending.size >= SENDING_MAX || nowMs() < pausedUntilMs) return;
      const sent = send(envelope(error, about, nowMs()));
      sending.add(sent);
      void forget(sent);
    },
    async flush(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([Promise.all(sending), timeout]);
      clearTimeout(timer);
    },
  };
}

function envelope(error: ErrorSummary, about: ReportedCall, nowMs: number): string {
  const eventId = randomUUID().replaceAll("-", "");
  const event = {
    event_id: eventId,
    timestamp: nowMs / 1000,
    platform: "node",
    level: "error",
    transaction: about.procedure,
    tags: {
      procedure: about.procedure,
      ...(about.requestId === undefined ? {} : { requestId: about.requestId }),
    },
    ...(about.user === undefined ? {} : { user: { id: about.user } }),
    exception: { values: chain(error).map(exceptionOf) },
  };
  const payload = JSON.stringify(event);
  return [
    JSON.stringify({ event_id: eventId, sent_at: new Date(nowMs).toISOString() }),
    JSON.stringify({ type: "event", length: Buffer.byteLength(payload) }),
    payload,
    "",
  ].join("\n");
}

/** An error and its causes, the innermost first, as Sentry wants them. */
function chain(error: ErrorSummary): ErrorSummary[] {
  return error.cause === undefined ? [error] : [...chain(error.cause), error];
}

function exceptionOf({ type, message, code, stack }: ErrorSummary) {
  const frames = (stack ?? "").split("\n").flatMap((line) => {
    const match = /at (?:(.+) \()?(?:file:\/\/)?(.+):(\d+):(\d+)\)?$/.exec(line);
    if (match === null) return [];
    const [, name, file = "", lineNumber, column] = match;
    return {
      function: name ?? "?",
      filename: file,
      lineno: Number(lineNumber),
      colno: Number(column),
      in_app: !file.includes("node_modules") && !file.startsWith("node:"),
    };
  });
  return {
    type,
    value: code === undefined ? message : `${message} (${code})`,
    // The newest call comes last.
    ...(frames.length > 0 ? { stacktrace: { frames: frames.toReversed() } } : {}),
  };
}
