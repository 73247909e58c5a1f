import type { defaultStackParser, Event, Exception, NodeClient } from "@sentry/node";
import { StartupError } from "../startup-error.ts";
import type { ErrorSummary } from "./error-summary.ts";

type StackParser = typeof defaultStackParser;

/** Sends unexpected errors to the error tracker. `report` neither waits nor throws. */
export interface ErrorReporter {
  /** Loads the client. The process calls it after it listens, because loading takes almost a second. */
  load(): Promise<void>;
  report(error: ErrorSummary, about: ReportedCall): void;
  /** Waits for pending reports. Units: milliseconds. */
  flush(timeoutMs: number): Promise<void>;
}

/** The call in which an error occurred. */
export interface ReportedCall {
  readonly procedure: string;
  readonly requestId?: string;
  /** A hash of the user's id. */
  readonly user?: string;
}

/** The reporter of deployments without an error tracker. */
export const NO_REPORTER: ErrorReporter = {
  load: () => Promise.resolve(),
  report: () => {},
  flush: () => Promise.resolve(),
};

/** The most errors that are pending. More are dropped, because the log has every error. */
const PENDING_MAX = 10;

/** Checks the form of a DSN. Source: Sentry's developer documentation, "Parsing the DSN". */
function checkDsn(dsn: string): void {
  const url = URL.canParse(dsn) ? new URL(dsn) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username !== "") {
    if (/^(?:\/.*)?\/\d+\/?$/.test(url.pathname)) return;
  }
  throw new StartupError(
    `SENTRY_DSN is ******** (${dsn.length} characters), but must be a DSN such as https://<public key>@<host>/<project number>`,
  );
}

/**
 * Reports errors to Sentry through its own client, without its instrumentation.
 * Errors: StartupError when the DSN is malformed.
 */
export function createSentryReporter(dsn: string): ErrorReporter {
  checkDsn(dsn);
  let client: NodeClient | undefined;
  let parseStack: StackParser = () => [];
  let loading: Promise<void> | undefined;
  const early: (readonly [ErrorSummary, ReportedCall])[] = [];

  async function load(): Promise<void> {
    const sentry = await import("@sentry/node");
    parseStack = sentry.defaultStackParser;
    client = new sentry.NodeClient({
      dsn,
      integrations: [],
      stackParser: parseStack,
      transport: sentry.makeNodeTransport,
      transportOptions: { bufferSize: PENDING_MAX },
      includeServerName: false,
    });
    client.init();
    for (const [error, about] of early.splice(0)) send(client, error, about);
  }

  function send(to: NodeClient, error: ErrorSummary, about: ReportedCall): void {
    to.captureEvent(eventOf(error, about, parseStack));
  }

  const loadOnce = () => (loading ??= load());
  async function loadQuietly(): Promise<void> {
    try {
      await loadOnce();
    } catch {
      // `load` reports its failure to the process; errors stay in the log.
    }
  }

  return {
    load: loadOnce,
    report(error, about) {
      if (client !== undefined) {
        send(client, error, about);
        return;
      }
      if (early.length < PENDING_MAX) early.push([error, about]);
      void loadQuietly();
    },
    async flush(timeoutMs) {
      if (loading === undefined) return;
      await loadQuietly();
      await client?.flush(timeoutMs);
    },
  };
}

function eventOf(error: ErrorSummary, about: ReportedCall, parseStack: StackParser): Event {
  const { procedure, requestId, user } = about;
  return {
    level: "error",
    transaction: procedure,
    tags: { procedure, ...(requestId === undefined ? {} : { requestId }) },
    ...(user === undefined ? {} : { user: { id: user } }),
    exception: { values: chain(error).map((one) => exceptionOf(one, parseStack)) },
  };
}

/** Returns an error and its causes, the innermost first, as Sentry expects them. */
function chain(error: ErrorSummary): ErrorSummary[] {
  return error.cause === undefined ? [error] : [...chain(error.cause), error];
}

function exceptionOf(
  { type, message, code, stack }: ErrorSummary,
  parseStack: StackParser,
): Exception {
  const frames = parseStack(stack ?? "");
  return {
    type,
    value: code === undefined ? message : `${message} (${code})`,
    ...(frames.length > 0 ? { stacktrace: { frames } } : {}),
  };
}
