import { cachedQuestion, type HotProcedure, sharedAnswer } from "../../trpc/hot-answer.ts";
import { certifiersPolicy } from "./policies.ts";
import { CertifierList } from "./schemas.ts";

const list = cachedQuestion({
  policy: certifiersPolicy,
  parameters: null,
  answer: (items, tag) => sharedAnswer(items, tag, "", () => CertifierList.parse({ items })),
});

/** The queries of this feature that take the short way. */
export const certifierHotProcedures: readonly HotProcedure[] = [
  {
    path: "certifier.list",
    recurs: true,
    understand: (input) => (input === undefined ? list : undefined),
  },
];
