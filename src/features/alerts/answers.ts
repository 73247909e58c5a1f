import type { Reads } from "../../db/replicas/reads.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { countUnread, listAlerts } from "./queries.ts";
import { type Alert, ListCursor, type ListInput, type UnreadOutput } from "./schemas.ts";

/** What reading alerts needs of the context. */
export interface AlertsContext {
  readonly reads: Reads;
  readonly now: () => Date;
}

/** A page of the alerts that are shown now. Errors: BAD_REQUEST (cursor). */
export async function listShown(
  { reads, now }: AlertsContext,
  input: ListInput,
): Promise<{ items: Alert[]; nextCursor: string | null }> {
  const { severity, category, limit, cursor } = input;
  const list = listId("alerts.list", input);
  const page = { severity, category, limit, after: decodeCursor(cursor, ListCursor, list) };
  const rows = await reads.readPublic((db) => listAlerts(db, now(), page));
  return cutPage(rows, limit, list, ({ publishedAt, id }) => [publishedAt, id]);
}

/** How many of the alerts shown now a user has not read. */
export function countUnreadOf(
  { reads, now }: AlertsContext,
  userId: string,
): Promise<UnreadOutput> {
  return reads.readAsUser(userId, (db) => countUnread(db, now(), userId));
}
