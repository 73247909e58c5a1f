import { initTRPC } from "@trpc/server";
import type { AnsweredPart } from "../cache/policy.ts";
import { inAuditedTransaction } from "../db/audited-transaction.ts";
import type { Db } from "../db/client/database.ts";
import { AppError, appErrorOf } from "../errors.ts";
import type { Context, User } from "./context.ts";
import type { Deprecation } from "./deprecation.ts";
import { describeError, toTrpcError } from "./error-data.ts";
import type { FastQuery } from "./fast-query.ts";
import type { StreamedQuery } from "./streamed-query.ts";
import { DEFAULT_LANGUAGE } from "../texts/language.ts";
import { text } from "../texts/text.ts";

/** The facts that are declared with a procedure: `.meta({ cost: 3 })`. */
export interface ProcedureMeta {
  /** Set by the base procedure, and kept by `.meta`. */
  readonly auth?: "public" | "user" | "admin";
  /** The cost of a call against the rate limit, by its work for the database. Units: calls, 1 by default. */
  readonly cost?: number;
  /** Answers a public query in bytes, without the procedure. */
  readonly fast?: FastQuery;
  /** Makes the data of a user's query in pieces, for a call that comes alone. */
  readonly stream?: StreamedQuery;
  /** Whether the answer depends on the caller's languages. */
  readonly isByLanguage?: boolean;
  /** Set before the procedure goes; its answers say so. */
  readonly deprecated?: Deprecation;
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false,
    errorFormatter({ shape, error, ctx }) {
      const { code, httpStatus, path } = shape.data;
      const language = ctx?.languages.language ?? DEFAULT_LANGUAGE;
      const { message, data } = describeError(toTrpcError(error), path, language);
      return {
        ...shape,
        message,
        data: {
          code,
          httpStatus,
          ...(path === undefined ? {} : { path }),
          ...(ctx === undefined ? {} : { requestId: ctx.requestId }),
          ...data,
        },
      };
    },
  });

const observed = t.procedure.use(async ({ ctx, path, type, next }) => {
  const beganAt = performance.now();
  const answers: AnsweredPart[] = [];
  const result = await next({ ctx: { answers } });
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

/** A bad token is an error even where none is needed. */
const authenticated = observed.use(({ ctx, next }) => {
  if (ctx.tokenError !== null) throw ctx.tokenError;
  return next();
});

export const router = t.router;

/** Anybody may call. */
export const publicProcedure = authenticated.meta({ auth: "public" });

/** Errors: UNAUTHORIZED without a valid token. */
export const userProcedure = authenticated
  .meta({ auth: "user" })
  .use(async ({ ctx, type, next }) => {
    const user = signedIn(ctx.user);
    const result = await next({ ctx: { user } });
    // Also when it failed: a write whose answer was lost may have been made.
    if (type === "mutation") await ctx.reads.noteWrite(user);
    return result;
  });

/** Work for after the transaction of a mutation: what takes too long for one, on the database itself. */
type Afterwards = (db: Db) => Promise<void>;

/**
 * A procedure for administrators. A mutation is one transaction, `ctx.db`, and every row that it writes leaves a line in
 * the audit trail. It reads from `ctx.db` too, because an embedded database has no second connection; `ctx.afterwards`
 * takes work for when the transaction is over, whose failure is logged and fails no call. After a mutation
 * this instance's cache has caught up with the journal, also after one that failed, because a write whose answer was
 * lost may have been made. Errors: UNAUTHORIZED without a valid token, FORBIDDEN without the role `admin`.
 */
export const adminProcedure = authenticated
  .meta({ auth: "admin" })
  .use(async ({ ctx, type, path, next }) => {
    const user = signedIn(ctx.user);
    if (!user.isAdmin)
      throw new AppError("FORBIDDEN", text("admins_only"), {
        reason: "not_admin",
      });
    const { db, requestId } = ctx;
    const later: Afterwards[] = [];
    const afterwards = (work: Afterwards) => void later.push(work);
    if (type !== "mutation") return next({ ctx: { user, db, afterwards } });
    const writer = { actor: user.id, procedure: path, requestId };
    let isOutage = false;
    try {
      const done = await inAuditedTransaction(db, writer, async (transaction) => {
        const result = await next({ ctx: { user, db: transaction, afterwards } });
        // tRPC gives a procedure's error as a result, which would not undo its writes.
        if (!result.ok) throw result.error;
        return result;
      });
      for (const work of later)
        await work(db).catch((error: unknown) =>
          ctx.logger.warn({ err: error, requestId, procedure: path }, "work after a write failed"),
        );
      return done;
    } catch (error) {
      isOutage = appErrorOf(error)?.code === "SERVICE_UNAVAILABLE";
      throw error;
    } finally {
      // The caller of a write that met an outage has waited long enough.
      if (isOutage) ctx.cache.noteUnknownWrite();
      await Promise.all([ctx.reads.noteWrite(user), isOutage ? undefined : ctx.cache.catchUp()]);
    }
  });

function signedIn(user: User | null): User {
  if (user === null)
    throw new AppError("UNAUTHORIZED", text("sign_in"), {
      reason: "token_missing",
    });
  return user;
}
