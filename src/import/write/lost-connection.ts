import { StartupError } from "../../startup-error.ts";

/** The database's side of a session ended while a command was at work; what was not committed is as before. */
export class LostConnectionError extends StartupError {
  override readonly name = "LostConnectionError";
}

/** Source: postgres-js's own codes; Node's for sockets; PostgreSQL's error codes, classes 08 and 57. */
const CODES =
  /^(?:CONNECTION_(?:CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONNRESET|ECONNREFUSED|EPIPE|08...|57P0[1-3])$/;

/** Tells the loss of the connection from what a statement can do wrong. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof LostConnectionError) return true;
  return error instanceof Error && "code" in error && CODES.test(String(error.code));
}
