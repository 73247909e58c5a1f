import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import type { AnsweredPart } from "../cache/policy.ts";
import { AppError, appErrorOf } from "../errors.ts";
import { callKey } from "../failed-call.ts";
import type { Context, User } from "./context.ts";

/** What the contract test and the documentation read off a procedure. */
export interface ProcedureMeta {
  readonly auth: "public" | "user" | "admin";
}

const GENERIC_MESSAGE = "Something went wrong on our side. Please try again.";

/** What a caller may know of a failure: never SQL, a stack or a host. */
function toTrpcError(error: TRPCError): TRPCError {
  const { cause } = error;
  const known = appErrorOf(cause);
  if (known !== null)
    return new TRPCError({ code: known.code, message: known.message, cause: known });
  if (cause instanceof z.core.$ZodError) {
    // A failed input check comes as BAD_REQUEST; a failed output check is our own mistake.
    return error.code === "BAD_REQUEST"
      ? new TRPCError({ code: "BAD_REQUEST", message: describeIssues(cause), cause })
      : new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: GENERIC_MESSAGE, cause });
  }
  return error.code === "INTERNAL_SERVER_ERROR"
    ? new TRPCError({ code: error.code, message: GENERIC_MESSAGE, cause: error })
    : error;
}

function describeIssues(error: z.core.$ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => {
      const path = issue.path.map(String).join(".").slice(0, 100);
      return `${path === "" ? "input" : path}: ${issue.message.slice(0, 200)}`;
    })
    .join("; ");
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false,
    errorFormatter({ shape, error, ctx }) {
      const known = toTrpcError(error);
      const cause = known.cause;
      return {
        ...shape,
        message: known.message,
        data: {
          code: shape.data.code,
          ...(cause instanceof AppError && cause.reason !== undefined
            ? { reason: cause.reason }
            : {}),
          httpStatus: shape.data.httpStatus,
          ...(shape.data.path === undefined ? {} : { path: shape.data.path }),
          ...(ctx === undefined ? {} : { requestId: ctx.requestId }),
          ...(cause instanceof AppError && cause.retryAfterSeconds !== undefined
            ? { retryAfterSeconds: cause.retryAfterSeconds }
            : {}),
        },
      };
    },
  });

const observed = t.procedure.use(async ({ ctx, path, type, getRawInput, next }) => {
  const failed =
    ctx.failedCalls.size === 0
      ? undefined
      : ctx.failedCalls.get(callKey(path, await getRawInput()));
  const beganAt = failed?.beganAt ?? performance.now();
  const answers: AnsweredPart[] = [];
  const result = await next({ ctx: { answers, failed } });
  ctx.answers.push(...answers);
  const thrown = result.ok ? null : toTrpcError(result.error);
  ctx.onFinished(
    {
      procedure: path,
      isWrite: type === "mutation",
      durationMs: performance.now() - beganAt,
      code: thrown?.code ?? "OK",
      error: result.ok ? null : (result.error.cause ?? result.error),
      cacheState: answers[0]?.state ?? null,
      userId: ctx.user?.id ?? null,
      requestId: ctx.requestId,
    },
    thrown,
  );
  if (thrown !== null) throw thrown;
  return result;
});

/** A bad token is an error even where none is needed, and a call that failed on the short way has failed. */
const mapped = observed.use(({ ctx, next }) => {
  if (ctx.refusal !== null) throw ctx.refusal;
  if (ctx.failed !== undefined) throw ctx.failed.error;
  return next();
});

export const router = t.router;

/** Anybody may call. */
export const publicProcedure = mapped.meta({ auth: "public" });

/** Errors: UNAUTHORIZED without a valid token. */
export const userProcedure = mapped.meta({ auth: "user" }).use(async ({ ctx, type, next }) => {
  const user = signedIn(ctx.user);
  const result = await next({ ctx: { user } });
  // Also when it failed: a write whose answer was lost may have been made.
  if (type === "mutation") await ctx.reads.wrote(user);
  return result;
});

/** Errors: UNAUTHORIZED without a valid token, FORBIDDEN without the role `admin`. */
export const adminProcedure = mapped.meta({ auth: "admin" }).use(async ({ ctx, type, next }) => {
  const user = signedIn(ctx.user);
  if (!user.isAdmin) throw new AppError("FORBIDDEN", "Only administrators may do this.");
  const result = await next({ ctx: { user } });
  if (type === "mutation") await ctx.reads.wrote(user);
  return result;
});

function signedIn(user: User | null): User {
  if (user === null)
    throw new AppError("UNAUTHORIZED", "Please sign in: this needs a user's token.", {
      reason: "token_missing",
    });
  return user;
}
