import { StartupError } from "../../startup-error.ts";

/** The database ended the session of a running command; uncommitted changes are rolled back. */
export class LostConnectionError extends StartupError {
  override readonly name = "LostConnectionError";
}

/** Codes of lost connections. Source: postgres-js; Node's sockets; PostgreSQL's error codes, classes 08 and 57. */
const CODES =
  /^(?:CONNECTION_(?:CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONNRESET|ECONNREFUSED|EPIPE|08...|57P0[1-3])$/;

/** Whether an error means that the connection was lost, rather than that a statement failed. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof LostConnectionError) return true;
  return error instanceof Error && "code" in error && CODES.test(String(error.code));
}
