import { cachedQuestion, type HotProcedure, sharedAnswer } from "../../trpc/hot-answer.ts";
import { boycottPolicy } from "./policies.ts";
import { BoycottList } from "./schemas.ts";

const list = cachedQuestion({
  policy: boycottPolicy,
  parameters: null,
  answer: (items, tag) => sharedAnswer(items, tag, "", () => BoycottList.parse({ items })),
});

/** The queries of this feature that take the short way. */
export const boycottHotProcedures: readonly HotProcedure[] = [
  {
    path: "boycott.list",
    recurs: true,
    understand: (input) => (input === undefined ? list : undefined),
  },
];
