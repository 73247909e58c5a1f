import type { IncomingMessage } from "node:http";

/** What tells who a request is from. */
export interface Arrival {
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

/**
 * All that the `Authorization` fields say: of two, Node would drop the second, so that it would depend on the order
 * who is believed to call. Joined they are no token.
 */
function authorizationOf({ rawHeaders }: IncomingMessage): string {
  let all: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length !== 13 || name.toLowerCase() !== "authorization") continue;
    const value = rawHeaders[at + 1] ?? "";
    all = all === undefined ? value : `${all}, ${value}`;
  }
  return all ?? "";
}
