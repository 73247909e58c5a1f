import type { IncomingMessage } from "node:http";

/** The parts of a request that tell where it comes from, none of them checked. */
export interface CallerHints {
  /** Undefined when the request brings no credentials. */
  readonly authorization: string | undefined;
  readonly socketAddress: string;
  readonly forwardedFor: string | undefined;
}

/** Reads the hints off a request. */
export function readCaller(request: IncomingMessage): CallerHints {
  const { headers, socket } = request;
  const forwardedFor = headers["x-forwarded-for"];
  return {
    authorization: headers.authorization === undefined ? undefined : authorizationOf(request),
    socketAddress: socket.remoteAddress ?? "",
    forwardedFor: typeof forwardedFor === "string" ? forwardedFor : undefined,
  };
}

/** Sent by apps whose user is signed out: a header built around a token that is not there. */
const NO_CREDENTIALS = /^\s*(?:Bearer\s*(?:null|undefined)?)?\s*$/i;

/**
 * Joins all Authorization headers that bring credentials. Node keeps only the first of two, which would make the caller
 * depend on their order; joined they are an invalid token.
 */
function authorizationOf({ rawHeaders }: IncomingMessage): string | undefined {
  let all: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length !== 13 || name.toLowerCase() !== "authorization") continue;
    const value = rawHeaders[at + 1] ?? "";
    if (NO_CREDENTIALS.test(value)) continue;
    all = all === undefined ? value : `${all}, ${value}`;
  }
  return all;
}
