import { cachedQuestion, type HotProcedure, sharedAnswer } from "../../trpc/hot-answer.ts";
import { readENumber } from "../../food/e-number.ts";
import { answeringCodes, askedAdditive } from "./answers.ts";
import { additivesPolicy } from "./policies.ts";
import { AskedAdditive, ByCodeInput } from "./schemas.ts";

/** The queries of this feature that take the short way. */
export const additiveHotProcedures: readonly HotProcedure[] = [
  {
    path: "additive.byCode",
    recurs: true,
    understand(input) {
      const { data } = ByCodeInput.safeParse(input);
      const reading = data === undefined ? undefined : readENumber(data.code);
      if (data === undefined || reading?.ok !== true) return undefined;
      const { code } = reading.eNumber;
      const codes = answeringCodes(code);
      return cachedQuestion({
        policy: additivesPolicy,
        parameters: { codes },
        answer: (additive, tag) =>
          additive === null
            ? undefined
            : sharedAnswer(additive, tag, data.madhab ?? "", () =>
                AskedAdditive.parse(askedAdditive(additive, code, data.madhab)),
              ),
      });
    },
  },
];
