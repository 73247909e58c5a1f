import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallerHints } from "../caller.ts";
import type { Languages } from "../../trpc/languages.ts";
import type { ParsedRequest } from "./calls.ts";

/** A request on its way through the endpoint, each part of it read once. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly caller: CallerHints;
  /** Those of the first `locale` among the inputs, else of `Accept-Language`. */
  readonly languages: Languages;
  readonly parsed: ParsedRequest;
  /** The request as the web has it, for tRPC's own handler; null when it came past Hono. */
  readonly web: Request | null;
}
