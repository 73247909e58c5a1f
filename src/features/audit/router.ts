import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, router } from "../../trpc/procedures.ts";
import { listAudit } from "./queries.ts";
import { ListCursor, ListInput, ListOutput } from "./schemas.ts";

export const auditRouter = router({
  /**
   * Everything that administrators wrote through procedures, a line for each row, the latest first: who, when, and which
   * columns were changed from what to what.
   * Units: instants in ISO 8601; `id` counts lines.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   * Source: the `audit_log` table, which triggers write in the transaction of each write.
   */
  list: adminProcedure
    .input(ListInput)
    .output(ListOutput)
    .query(async ({ ctx, input }) => {
      const { target = null, targetId = null, userId = null, limit, cursor } = input;
      const list = listId("audit.list", input);
      const after = decodeCursor(cursor, ListCursor, list);
      const rows = await listAudit(ctx.db, { target, targetId, userId, limit, after });
      return cutPage(rows, limit, list, ({ id }) => [id]);
    }),
});
