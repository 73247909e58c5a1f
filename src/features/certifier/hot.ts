import { type HotProcedure, sharedAnswer } from "../../cache/hot-answer.ts";
import { certifiersPolicy } from "./policies.ts";
import { CertifierList } from "./schemas.ts";

/** The hits of this feature that are answered from memory at once. */
export const certifierHotProcedures: readonly HotProcedure[] = [
  {
    path: "certifier.list",
    recurs: true,
    understand(input) {
      if (input !== undefined) return undefined;
      return (cache) => {
        const entry = cache.peek(certifiersPolicy, certifiersPolicy.key(null));
        return (
          entry &&
          sharedAnswer(entry, certifiersPolicy.name, "", () =>
            CertifierList.parse({ items: entry.value }),
          )
        );
      };
    },
  },
];
