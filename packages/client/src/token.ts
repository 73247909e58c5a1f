import type { TRPCClientError, TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { AppRouter } from "./app-router.ts";
import { errorReasonOf } from "./errors.ts";

/**
 * Gives the caller's token, or null for a guest; with `refresh` a new one, because the server said that the last one has
 * expired.
 */
export type GetToken = (options: {
  readonly refresh: boolean;
}) => Promise<string | null> | string | null;

/** Under which name a call remembers the token that it was sent with. */
const SENT_WITH = "halalToken";
/** Under which name a call says whose it is. */
const SENDER = "halalSender";

/** The context of a call that must not be sent as anybody else: a change that was made before another user signed in. */
export function sentBy(owner: string): Record<string, unknown> {
  return { [SENDER]: owner };
}

/** Returns the user whose token a call was sent with; null for a guest. */
export function senderOf(context: Readonly<Record<string, unknown>>): string | null {
  const token = context[SENT_WITH];
  return typeof token === "string" ? subjectOf(token) : null;
}

/** The tokens of the client; all calls that find the same token expired share one refresh. */
export class TokenSource {
  readonly #getToken: GetToken;
  #refreshing: Promise<string | null> | undefined;
  /** The server said of this one that it has expired. */
  #expired: string | null = null;

  constructor(getToken: GetToken) {
    this.#getToken = getToken;
  }

  /** The token to send now. */
  async current(): Promise<string | null> {
    if (this.#refreshing !== undefined) return this.#refreshing;
    const token = await this.#getToken({ refresh: false });
    return token !== null && token === this.#expired ? this.#refresh() : token;
  }

  /** The headers of a request; its calls remember the token. */
  async headers(
    calls: readonly { readonly context: Record<string, unknown> }[],
  ): Promise<Record<string, string>> {
    const token = await this.current();
    for (const { context } of calls) {
      context[SENT_WITH] = token;
      if (SENDER in context && context[SENDER] !== subjectOf(token))
        throw new Error("somebody else is signed in by now");
    }
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }

  /** Has a token replaced that the server finds expired. Errors: those of `getToken`. */
  async replace(expired: string): Promise<void> {
    if (this.#expired === expired && this.#refreshing === undefined) return;
    this.#expired = expired;
    await this.#refresh();
  }

  #refresh(): Promise<string | null> {
    this.#refreshing ??= Promise.resolve(this.#getToken({ refresh: true })).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }
}

/** Sends a call whose token has expired once more, with a new one. */
export function tokenRefreshLink(tokens: TokenSource): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        let isClosed = false;
        let close = () => {};
        const fail = async (error: TRPCClientError<AppRouter>, isFirst: boolean) => {
          const sentWith = op.context[SENT_WITH];
          const isExpired = errorReasonOf(error) === "token_expired";
          if (!isExpired || !isFirst || typeof sentWith !== "string") {
            observer.error(error);
            return;
          }
          try {
            await tokens.replace(sentWith);
          } catch {
            observer.error(error);
            return;
          }
          if (!isClosed) attempt(false);
        };
        const attempt = (isFirst: boolean) => {
          const sent = next(op).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error: (error) => void fail(error, isFirst),
          });
          close = () => sent.unsubscribe();
        };
        attempt(true);
        return () => {
          isClosed = true;
          close();
        };
      });
}

/**
 * Reads whose token it is, without checking it: the server does. Null for a guest's, or when it cannot be read.
 * Source: RFC 7519, claim `sub`.
 */
export function subjectOf(token: string | null): string | null {
  try {
    const payload = token?.split(".")[1];
    if (payload === undefined) return null;
    const json = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const { sub } = JSON.parse(json) as { readonly sub?: unknown };
    return typeof sub === "string" ? sub : null;
  } catch {
    return null;
  }
}
