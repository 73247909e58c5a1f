import type { Context } from "../../trpc/context.ts";
import { AppError } from "../../errors.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { analyseOne } from "../../verdict/analyse-one.ts";
import { makeGuestToken, readGuestToken } from "./guest-token.ts";
import {
  eraseGuestReports,
  findGuestSecret,
  insertReport,
  listCases,
  listReports,
  type Reporter,
} from "./queries.ts";
import { resolveCase } from "./resolving.ts";
import {
  CreateInput,
  CreateOutput,
  EraseGuestInput,
  EraseGuestOutput,
  GuestTokenOutput,
  ListInput,
  ListOutput,
  MineInput,
  MineOutput,
  PageCursor,
  ResolveInput,
  ResolveOutput,
} from "./schemas.ts";
import { text } from "../../texts/text.ts";

/** Units: reports of one reporter in 24 hours. */
const DAILY_MAX_USER = 100;
const DAILY_MAX_GUEST = 20;

/** The caller as a reporter. Errors: UNAUTHORIZED without a user's token and without a guest's that is ours. */
async function reporterOf(
  { user, db }: Pick<Context, "user" | "db">,
  guestToken: string | null | undefined,
): Promise<Reporter> {
  if (user !== null) return { id: user.id, isGuest: false };
  if (guestToken === null || guestToken === undefined)
    throw new AppError("UNAUTHORIZED", text("sign_in_or_guest"));
  const id = readGuestToken(await findGuestSecret(db), guestToken);
  if (id === null)
    throw new AppError("UNAUTHORIZED", text("guest_token_foreign"), {
      reason: "token_invalid",
    });
  return { id, isGuest: true };
}

export const reportsRouter = router({
  /**
   * An anonymous token with which a device that nobody signed in on can report; it does not expire.
   * Errors: SERVICE_UNAVAILABLE.
   */
  guestToken: publicProcedure
    .meta({ cost: 20 })
    .input(NoInput)
    .output(GuestTokenOutput)
    .mutation(async ({ ctx }) => ({ guestToken: makeGuestToken(await findGuestSecret(ctx.db)) })),

  /**
   * Reports what is wrong with a product, a store or a verdict, once however often it is sent with the same `id`. Users
   * with their token, guests with that of `reports.guestToken`; in 24 hours at most 100 reports of a user and 20 of a
   * guest.
   * Units: degrees in `proposed`; instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED (neither token), NOT_FOUND (no such store), CONFLICT (the id is another report's),
   * TOO_MANY_REQUESTS (too many today: `retryAfterSeconds` is 3600), SERVICE_UNAVAILABLE.
   */
  create: publicProcedure
    .meta({ cost: 5 })
    .input(CreateInput)
    .output(CreateOutput)
    .mutation(async ({ ctx, input }) => {
      const reporter = await reporterOf(ctx, input.guestToken);
      const dailyMax = reporter.isGuest ? DAILY_MAX_GUEST : DAILY_MAX_USER;
      const created = await insertReport(ctx.db, reporter, input, dailyMax);
      if (ctx.user !== null) await ctx.reads.noteWrite(ctx.user);
      if (created.status === "too_many") {
        const tooMany = text("too_many_reports");
        throw new AppError("TOO_MANY_REQUESTS", tooMany, { retryAfterSeconds: 3600 });
      }
      if (created.status === "no_store") throw new AppError("NOT_FOUND", text("no_store"));
      const barcode = "barcode" in input ? input.barcode : null;
      const storeId = "storeId" in input ? input.storeId : null;
      if (created.kind !== input.kind || created.barcode !== barcode || created.storeId !== storeId)
        throw new AppError("CONFLICT", text("report_id_taken"));
      return { id: input.id, createdAt: created.createdAt };
    }),

  /**
   * The caller's reports, the latest first, and what became of each. Users with their token, guests with theirs.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED (neither token), SERVICE_UNAVAILABLE.
   * Source: the `reports` and `report_cases` tables.
   */
  mine: publicProcedure
    .input(MineInput)
    .output(MineOutput)
    .query(async ({ ctx, input }) => {
      const { limit, cursor } = input;
      const reporter = await reporterOf(ctx, input.guestToken);
      const list = listId(`reports.mine ${reporter.id}`, { ...input, guestToken: undefined });
      const after = decodeCursor(cursor, PageCursor, list);
      const rows = await ctx.reads.readAsUser(reporter.id, (db) =>
        listReports(db, reporter, { limit, after }),
      );
      return cutPage(rows, limit, list, ({ createdAt, id }) => [createdAt, id]);
    }),

  /**
   * Deletes all of a guest's reports, at once and for good; what was already applied stays. Users have `account.erase`.
   * Units: reports.
   * Errors: BAD_REQUEST, UNAUTHORIZED (a token that is none of ours), SERVICE_UNAVAILABLE.
   */
  eraseGuest: publicProcedure
    .meta({ cost: 5 })
    .input(EraseGuestInput)
    .output(EraseGuestOutput)
    .mutation(async ({ ctx, input }) => {
      const { id } = await reporterOf({ user: null, db: ctx.db }, input.guestToken);
      return { reports: await eraseGuestReports(ctx.db, id) };
    }),

  /**
   * Cases to decide: all reports of one kind on one product or store are one, with how many reported it.
   * Units: people; instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   * Source: the `reports` and `report_cases` tables.
   */
  list: adminProcedure
    .input(ListInput)
    .output(ListOutput)
    .query(async ({ ctx, input }) => {
      const { state, kind = null, limit, cursor } = input;
      const list = listId("reports.list", input);
      const after = decodeCursor(cursor, PageCursor, list);
      const rows = await listCases(ctx.db, { state, kind, limit, after });
      return cutPage(rows, limit, list, ({ createdAt, id }) => [createdAt, id]);
    }),

  /**
   * Decides a case for all its reporters, who see outcome and note. Accepted, it writes what was proposed: fields of the
   * product, which then is the editors' own, or of the store; a closed store is hidden.
   * Units: degrees in `proposed`.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT (another decided, there are new reports, or
   * reporters propose different things), SERVICE_UNAVAILABLE.
   */
  resolve: adminProcedure
    .input(ResolveInput)
    .output(ResolveOutput)
    .mutation(async ({ ctx, input }) => {
      const decider = { db: ctx.db, actor: ctx.user.id, now: ctx.now() };
      const { applied, correctedBarcode } = await resolveCase(decider, input);
      if (correctedBarcode !== null)
        ctx.afterwards((db) => analyseOne({ db, analyse: ctx.analyse }, correctedBarcode));
      return { id: input.id, outcome: input.outcome, applied };
    }),
});
