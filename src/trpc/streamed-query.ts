import type { z } from "zod";
import { AppError } from "../errors.ts";
import type { Context, User } from "./context.ts";
import { WHOLE_MAX_LENGTH } from "./result-bytes.ts";
import { text } from "../texts/text.ts";

/** Everything that a streamed query needs: it is a signed-in user's. */
export type StreamContext = Pick<Context, "reads" | "now" | "cache" | "languages"> & {
  readonly user: User;
};

/** A user's query whose data may be of any length: its JSON is made in pieces, one after the other. */
export interface StreamedQuery {
  /** Accepts an unchecked input, or returns undefined when the procedure has to explain what is wrong with it. */
  open(context: StreamContext, input: unknown): AsyncIterable<string> | undefined;
}

/** A streamed query that knows what it is asked for. */
export interface TypedStreamedQuery<I> extends StreamedQuery {
  pieces(context: StreamContext, input: I): AsyncIterable<string>;
}

/**
 * Makes a streamed query: `const all = streamedQuery({ input: NoInput, pieces: … })`, then in the router
 * `userProcedure.meta({ stream: all }).input(NoInput).output(Output).query(inOnePiece(all))`.
 * The endpoint sends the pieces of a call that comes alone; the procedure answers every other one.
 */
export function streamedQuery<I>(query: {
  readonly input: z.ZodType<I>;
  readonly pieces: (context: StreamContext, input: I) => AsyncIterable<string>;
}): TypedStreamedQuery<I> {
  return {
    pieces: query.pieces,
    open(context, input) {
      const { data, success } = query.input.safeParse(input);
      return success ? query.pieces(context, data) : undefined;
    },
  };
}

/**
 * Resolves a procedure by its streamed query, for a call among others.
 * Errors: PAYLOAD_TOO_LARGE when the data is too long to be one answer of several.
 */
export function inOnePiece<I, T>(
  query: TypedStreamedQuery<I>,
): (call: { readonly ctx: StreamContext; readonly input: I }) => Promise<T> {
  return async ({ ctx, input }) => {
    let json = "";
    for await (const piece of query.pieces(ctx, input)) {
      json += piece;
      if (json.length > WHOLE_MAX_LENGTH) {
        throw new AppError("PAYLOAD_TOO_LARGE", text("call_alone"), { reason: "call_alone" });
      }
    }
    return JSON.parse(json) as T;
  };
}
