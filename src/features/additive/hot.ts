import { type HotProcedure, sharedAnswer } from "../../cache/hot-answer.ts";
import { readENumber } from "../../food/e-number.ts";
import { answeringCodes, askedAdditive } from "./answers.ts";
import { additivesPolicy } from "./policies.ts";
import { AskedAdditive, ByCodeInput } from "./schemas.ts";

/** The hits of this feature that are answered from memory at once. */
export const additiveHotProcedures: readonly HotProcedure[] = [
  {
    path: "additive.byCode",
    answer(cache, input) {
      const { data } = ByCodeInput.safeParse(input);
      const reading = data === undefined ? undefined : readENumber(data.code);
      if (data === undefined || reading?.ok !== true) return undefined;
      const { code } = reading.eNumber;
      const entry = cache.peek(
        additivesPolicy,
        additivesPolicy.key({ codes: answeringCodes(code) }),
      );
      const additive = entry?.value;
      if (entry === undefined || additive === null || additive === undefined) return undefined;
      return sharedAnswer({ value: additive, tag: entry.tag }, data.madhab ?? "", () =>
        AskedAdditive.parse(askedAdditive(additive, code, data.madhab)),
      );
    },
  },
];
