import type { ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { MiddlewareHandler } from "hono";
import type { AnsweredPart } from "../cache/policy.ts";
import { chooseCoding, encodeBody } from "./compression.ts";
import { entityTag, matchesEntityTag, PUBLIC_CACHE_CONTROL, VARY } from "./headers.ts";

/** An answer whose body is at hand, and goes out without a stream. */
export interface CompleteAnswer {
  readonly status: number;
  readonly body: Uint8Array | null;
}

/** What the middleware reads and leaves behind. */
export interface CompleteAnswerEnv {
  Bindings: HttpBindings;
  Variables: { answers: AnsweredPart[]; complete: CompleteAnswer | undefined };
}

/** Takes the body out of a JSON answer, compresses it and leaves it out for who has it already. */
export const completeAnswer: MiddlewareHandler<CompleteAnswerEnv> = async (c, next) => {
  await next();
  const { headers } = c.res;
  if (headers.get("content-type")?.startsWith("application/json") !== true) return;
  const { outgoing } = c.env;
  const coding = chooseCoding(c.req.header("accept-encoding"));
  const body = new Uint8Array(await c.res.arrayBuffer());
  const encoded = coding === null ? null : encodeBody(body, coding);
  headers.set("vary", c.req.header("origin") === undefined ? VARY : `${VARY}, origin`);
  if (encoded !== null && coding !== null) outgoing.setHeader("content-encoding", coding);
  let { status } = c.res;
  if (outgoing.getHeader("cache-control") === PUBLIC_CACHE_CONTROL) {
    const tag = entityTag(c.get("answers"), encoded === null ? null : coding);
    outgoing.setHeader("etag", tag);
    if (matchesEntityTag(c.req.header("if-none-match"), tag)) status = 304;
  }
  c.set("complete", { status, body: status === 304 ? null : (encoded ?? body) });
};

/** Sends an answer with what Node's response already says and the headers that it came with. */
export function sendComplete(
  outgoing: ServerResponse,
  { status, body }: CompleteAnswer,
  headers: Headers,
): Response {
  for (const [name, value] of headers) outgoing.setHeader(name, value);
  outgoing.statusCode = status;
  outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}
