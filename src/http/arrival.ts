import type { IncomingMessage } from "node:http";

/** What tells who a request is from. */
export interface Arrival {
  /** Undefined when the request brings no credentials. */
  readonly authorization: string | undefined;
  readonly socketAddress: string;
  readonly forwardedFor: string | undefined;
}

/** Reads it off a request, for whichever way answers it. */
export function arrivalOf(request: IncomingMessage): Arrival {
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
 * All that the `Authorization` fields say: of two, Node would drop the second, and then the order would decide
 * which user is believed to call. Two tokens are joined, and so are none. Fields without credentials do not count.
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
