import type { AlertText } from "../../db/tables/alerts.ts";
import type { Language } from "../../texts/language.ts";
import { translated } from "../../texts/translations.ts";
import { constraintViolation } from "../../db/client/errors.ts";
import { AppError, inputError } from "../../errors.ts";
import { withCache } from "../../cache/with-cache.ts";
import type { Context } from "../../trpc/context.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router, userProcedure } from "../../trpc/procedures.ts";
import { approveAlerts, listAllAlerts } from "./admin-queries.ts";
import { latestAlertsPolicy, shownAt } from "./policies.ts";
import {
  countCategories,
  countUnread,
  findAlert,
  insertAlert,
  insertReads,
  listAlerts,
  type ListedRow,
  listReads,
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
  ByIdInput,
  CategoriesOutput,
  ListCursor,
  ListInput,
  ListOutput,
  MarkReadInput,
  PublishInput,
  UnreadOutput,
  UpdateInput,
  WrittenAlert,
} from "./schemas.ts";
import { text } from "../../texts/text.ts";

/** Says an alert in a language; of a translation, what it leaves out is as it was written. */
function sayAlert({ texts, ...alert }: WrittenAlert, language: Language): Alert {
  const said = translated<AlertText>(alert, alert.language, texts, language);
  const { title, summary, content, risk, whatToDo } = said.text;
  const { recall } = alert;
  return {
    ...alert,
    language: said.language,
    title,
    summary,
    content: content ?? alert.content,
    recall: recall && {
      ...recall,
      risk: risk ?? recall.risk,
      whatToDo: whatToDo ?? recall.whatToDo,
    },
  };
}

/** A page from the table, for the caller; one row more than `limit`. */
async function pageRows(ctx: Context, input: ListInput, list: string): Promise<ListedRow[]> {
  const { severity, category, limit, cursor } = input;
  const after = decodeCursor(cursor, ListCursor, list);
  const readerId = ctx.user?.id ?? null;
  const page = { severity, category, limit, after, readerId };
  return readerId === null
    ? ctx.reads.readPublic((db) => listAlerts(db, ctx.now(), page))
    : ctx.reads.readAsUser(readerId, (db) => listAlerts(db, ctx.now(), page));
}

/** The first page of all alerts from the cache, one row more than `limit`; null where the entry does not reach so far. */
async function latestRows(ctx: Context, input: ListInput): Promise<ListedRow[] | null> {
  const { severity, category, limit, cursor } = input;
  if (severity !== undefined || category !== undefined || cursor !== undefined) return null;
  const { user } = ctx;
  const latest = await withCache({ ...ctx, answers: [] }, latestAlertsPolicy, null);
  const { shown, untilMs } = shownAt(latest.value, ctx.now().getTime());
  if (shown.length <= limit && !latest.value.isWhole) return null;
  const page = shown.slice(0, limit + 1);
  if (user === null) {
    const etag = `${latest.etag}${ctx.languages.language}~${untilMs.toString(36)}`;
    ctx.answers.push({ state: latest.state, etag });
    return page.map((alert) => ({ ...alert, readAt: null }));
  }
  const ids = page.map(({ id }) => id);
  const reads = await ctx.reads.readAsUser(user.id, (db) => listReads(db, user.id, ids));
  return page.map((alert) => ({ ...alert, readAt: reads.get(alert.id) ?? null }));
}

function noSuchAlert(): AppError {
  return new AppError("NOT_FOUND", text("no_alert"));
}

/** Errors: BAD_REQUEST where a rule of the table about the instants or the languages is broken. */
async function checked<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const constraint = constraintViolation(error)?.constraint;
    if (constraint === "alerts_expiry_after_publication")
      throw inputError("expiresAt", text("later_than_published"), { cause: error });
    if (constraint === "alerts_texts_of_others")
      throw inputError("texts", text("own_language"), { cause: error });
    throw error;
  }
}

export const alertsRouter = router({
  /**
   * The alerts that are published, not expired and not retracted, newest first, in the caller's language where they have
   * it (`language` says which it is); `readAt` is the signed-in caller's.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `alerts` table; each alert's own source is its `sourceUrl`.
   */
  list: publicProcedure
    .meta({ isByLanguage: true })
    .input(ListInput)
    .output(ListOutput)
    .query(async ({ ctx, input }) => {
      const { limit } = input;
      const list = listId("alerts.list", input);
      const rows = (await latestRows(ctx, input)) ?? (await pageRows(ctx, input, list));
      const { language } = ctx.languages;
      const said = rows.map((row) => ({ ...sayAlert(row, language), readAt: row.readAt }));
      return cutPage(said, limit, list, ({ publishedAt, id }) => [publishedAt, id]);
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
    .meta({ isByLanguage: true })
    .input(ByIdInput)
    .output(Alert)
    .query(async ({ ctx, input }) => {
      const alert = await ctx.reads.readPublic((db) => findAlert(db, ctx.now(), input.id));
      if (alert === null) throw noSuchAlert();
      return sayAlert(alert, ctx.languages.language);
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
   * Publishes an alert, at once or at `publishedAt`; with `recall` it is shown wherever one of its barcodes is. Readers
   * see it in their language where `texts` has it, else as it was written.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  publish: adminProcedure
    .input(PublishInput)
    .output(WrittenAlert)
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
   * Changes any of an alert's columns; what is not given stays, but for `texts`: other words, or another recall, drop the
   * translations that do not come with them. Imports leave the alert alone from then on.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, NOT_FOUND (also when it is retracted), UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  update: adminProcedure
    .input(UpdateInput)
    .output(WrittenAlert)
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
