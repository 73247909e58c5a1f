import postgres from "postgres";
import { connectionTo, NO_TIME_LIMITS } from "./address.ts";
import { TrackedSockets } from "./tracked-sockets.ts";

/** One connection past the pooler, on which settings, locks and temporary tables hold from statement to statement. */
export interface Session {
  readonly sql: postgres.Sql;
  /** Rejects when the connection ends of itself, and never resolves. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/** Options of connections past the pooler, without those of the address. */
export const SESSION_OPTIONS = {
  prepare: false,
  fetch_types: false,
  idle_timeout: 0,
  // A new connection would have no advisory lock of the one before.
  max_lifetime: null,
  connect_timeout: 10,
  onnotice: () => undefined,
} as const;

/**
 * Opens a session.
 * Errors: the driver's when the server cannot be reached; PgBouncer refuses it, because it asks for settings.
 */
export async function openSession(
  url: string,
  socketPath: string | null,
  applicationName: string,
): Promise<Session> {
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  // Nobody may be waiting for it.
  lost.catch(() => undefined);
  let isClosing = false;
  const sql = postgres({
    ...connectionTo(url, { socketPath, applicationName, startup: NO_TIME_LIMITS }),
    max: 1,
    ...SESSION_OPTIONS,
    onclose: () => {
      if (!isClosing) lose(new Error("the connection to the database was lost"));
    },
    ...new TrackedSockets().option(),
  });
  const close = async () => {
    isClosing = true;
    await sql.end({ timeout: 5 });
  };
  try {
    await sql`select 1`;
  } catch (error) {
    await close();
    throw error;
  }
  return { sql, lost, close };
}
