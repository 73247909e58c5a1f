import { constraintViolation } from "../../db/client/errors.ts";
import { AppError, inputError } from "../../errors.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router, userProcedure } from "../../trpc/procedures.ts";
import { approveAlerts, listAllAlerts } from "./admin-queries.ts";
import {
  countCategories,
  countUnread,
  findAlert,
  insertAlert,
  insertReads,
  listAlerts,
  retractAlert,
  updateAlert,
} from "./queries.ts";
import {
  AdminListInput,
  AdminListOutput,
  Alert,
  AlertIdInput,
  ApproveInput,
  ApproveOutput,
  CategoriesOutput,
  ListCursor,
  ListInput,
  ListOutput,
  MarkReadInput,
  PublishInput,
  UnreadOutput,
  UpdateInput,
} from "./schemas.ts";

function noSuchAlert(): AppError {
  return new AppError("NOT_FOUND", "There is no such alert.");
}

/** Errors: BAD_REQUEST where the table's rule about the two instants is broken. */
async function checked<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (constraintViolation(error)?.constraint !== "alerts_expiry_after_publication") throw error;
    throw inputError("expiresAt", "must be later than publishedAt", { cause: error });
  }
}

export const alertsRouter = router({
  /**
   * The alerts that are published, not expired and not retracted, newest first; `readAt` is the signed-in caller's.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `alerts` table; each alert's own source is its `sourceUrl`.
   */
  list: publicProcedure
    .input(ListInput)
    .output(ListOutput)
    .query(async ({ ctx, input }) => {
      const { severity, category, limit, cursor } = input;
      const list = listId("alerts.list", input);
      const after = decodeCursor(cursor, ListCursor, list);
      const readerId = ctx.user?.id ?? null;
      const page = { severity, category, limit, after, readerId };
      const rows =
        readerId === null
          ? await ctx.reads.readPublic((db) => listAlerts(db, ctx.now(), page))
          : await ctx.reads.readAsUser(readerId, (db) => listAlerts(db, ctx.now(), page));
      return cutPage(rows, limit, list, ({ publishedAt, id }) => [publishedAt, id]);
    }),

  /**
   * The categories of the alerts that are shown now, the most frequent first.
   * Units: alerts.
   * Errors: SERVICE_UNAVAILABLE.
   * Source: the `alerts` table.
   */
  categories: publicProcedure
    .input(NoInput)
    .output(CategoriesOutput)
    .query(async ({ ctx }) => ({
      items: await ctx.reads.readPublic((db) => countCategories(db, ctx.now())),
    })),

  /**
   * One alert, as long as it is shown.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, NOT_FOUND (also when it is expired, retracted or not yet published), SERVICE_UNAVAILABLE.
   * Source: the `alerts` table; each alert's own source is its `sourceUrl`.
   */
  byId: publicProcedure
    .input(AlertIdInput)
    .output(Alert)
    .query(async ({ ctx, input }) => {
      const alert = await ctx.reads.readPublic((db) => findAlert(db, ctx.now(), input.id));
      if (alert === null) throw noSuchAlert();
      return alert;
    }),

  /**
   * How many of the alerts shown now the caller has not read.
   * Units: alerts.
   * Errors: UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the `alerts` and `alert_reads` tables.
   */
  unread: userProcedure
    .input(NoInput)
    .output(UnreadOutput)
    .query(({ ctx }) =>
      ctx.reads.readAsUser(ctx.user.id, (db) => countUnread(db, ctx.now(), ctx.user.id)),
    ),

  /**
   * Marks alerts, or all that are shown now, as read; answers how many are left. Unknown ids are passed over.
   * Units: alerts.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  markRead: userProcedure
    .input(MarkReadInput)
    .output(UnreadOutput)
    .mutation(async ({ ctx, input }) => {
      const now = ctx.now();
      await insertReads(ctx.db, now, ctx.user.id, input);
      // Counted by a statement of its own, which sees what was marked elsewhere in the meantime.
      return await countUnread(ctx.db, now, ctx.user.id);
    }),

  /**
   * Publishes an alert, at once or at `publishedAt`; with `recall` it is shown wherever one of its barcodes is.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  publish: adminProcedure
    .input(PublishInput)
    .output(Alert)
    .mutation(({ ctx, input }) => checked(insertAlert(ctx.db, ctx.now(), input))),

  /**
   * Alerts in every state, the latest first: held for approval, scheduled, shown, expired, retracted.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   * Source: the `alerts` table.
   */
  adminList: adminProcedure
    .input(AdminListInput)
    .output(AdminListOutput)
    .query(async ({ ctx, input }) => {
      const { state = null, isRecall = null, limit, cursor } = input;
      const list = listId("alerts.adminList", input);
      const page = { state, isRecall, limit, after: decodeCursor(cursor, ListCursor, list) };
      const rows = await listAllAlerts(ctx.db, ctx.now(), page);
      return cutPage(rows, limit, list, ({ publishedAt, id }) => [publishedAt, id]);
    }),

  /**
   * Lets imported alerts out that are held, at once or at their `publishedAt`; others are passed over.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  approve: adminProcedure
    .input(ApproveInput)
    .output(ApproveOutput)
    .mutation(async ({ ctx, input }) => ({ approved: await approveAlerts(ctx.db, input.ids) })),

  /**
   * Changes any of an alert's columns; what is not given stays. Imports leave the alert alone from then on.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, NOT_FOUND (also when it is retracted), UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  update: adminProcedure
    .input(UpdateInput)
    .output(Alert)
    .mutation(async ({ ctx, input }) => {
      const alert = await checked(updateAlert(ctx.db, input));
      if (alert === null) throw noSuchAlert();
      return alert;
    }),

  /**
   * Takes an alert back, or refuses one that is held: nobody is shown it, and no import brings it back.
   * Errors: BAD_REQUEST, NOT_FOUND, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  retract: adminProcedure
    .input(AlertIdInput)
    .output(AlertIdInput)
    .mutation(async ({ ctx, input }) => {
      if (!(await retractAlert(ctx.db, input.id))) throw noSuchAlert();
      return { id: input.id };
    }),
});
