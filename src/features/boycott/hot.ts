import { type HotProcedure, sharedAnswer } from "../../cache/hot-answer.ts";
import { boycottPolicy } from "./policies.ts";
import { BoycottList } from "./schemas.ts";

/** The hits of this feature that are answered from memory at once. */
export const boycottHotProcedures: readonly HotProcedure[] = [
  {
    path: "boycott.list",
    recurs: true,
    understand(input) {
      if (input !== undefined) return undefined;
      return (cache) => {
        const entry = cache.peek(boycottPolicy, boycottPolicy.key(null));
        return (
          entry &&
          sharedAnswer(entry, boycottPolicy.name, "", () =>
            BoycottList.parse({ items: entry.value }),
          )
        );
      };
    },
  },
];
