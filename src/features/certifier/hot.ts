import { type HotProcedure, sharedAnswer } from "../../cache/hot-answer.ts";
import { certifiersPolicy } from "./policies.ts";
import { CertifierList } from "./schemas.ts";

/** The hits of this feature that are answered from memory at once. */
export const certifierHotProcedures: readonly HotProcedure[] = [
  {
    path: "certifier.list",
    answer(cache, input) {
      if (input !== undefined) return undefined;
      const entry = cache.peek(certifiersPolicy, certifiersPolicy.key(null));
      return entry && sharedAnswer(entry, "", () => CertifierList.parse({ items: entry.value }));
    },
  },
];
