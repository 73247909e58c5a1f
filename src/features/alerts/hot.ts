import { type HotProcedure, uncachedQuestion } from "../../trpc/hot-answer.ts";
import { countUnreadOf, listShown } from "./answers.ts";
import { ListInput, ListOutput, UnreadOutput } from "./schemas.ts";

const unread = uncachedQuestion(async (context) =>
  context.user === null
    ? undefined
    : UnreadOutput.parse(await countUnreadOf(context, context.user.id)),
);

/** The queries of this feature that take the short way: an app that starts asks them beside others. */
export const alertsHotProcedures: readonly HotProcedure[] = [
  {
    path: "alerts.list",
    recurs: true,
    understand(input) {
      const { data } = ListInput.safeParse(input);
      // A cursor may be a bad one.
      if (data === undefined || typeof data.cursor === "string") return undefined;
      return uncachedQuestion(async (context) => ListOutput.parse(await listShown(context, data)));
    },
  },
  {
    path: "alerts.unread",
    recurs: true,
    understand: (input) => (input === undefined ? unread : undefined),
  },
];
