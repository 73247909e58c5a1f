import { type HotProcedure, sharedAnswer } from "../../cache/hot-answer.ts";
import { readENumber } from "../../food/e-number.ts";
import { answeringCodes, askedAdditive } from "./answers.ts";
import { additivesPolicy } from "./policies.ts";
import { AskedAdditive, ByCodeInput } from "./schemas.ts";

/** The hits of this feature that are answered from memory at once. */
export const additiveHotProcedures: readonly HotProcedure[] = [
  {
    path: "additive.byCode",
    recurs: true,
    understand(input) {
      const { data } = ByCodeInput.safeParse(input);
      const reading = data === undefined ? undefined : readENumber(data.code);
      if (data === undefined || reading?.ok !== true) return undefined;
      const { code } = reading.eNumber;
      const key = additivesPolicy.key({ codes: answeringCodes(code) });
      return (cache) => {
        const entry = cache.peek(additivesPolicy, key);
        const additive = entry?.value;
        if (entry === undefined || additive === null || additive === undefined) return undefined;
        const value = { value: additive, tag: entry.tag };
        return sharedAnswer(value, additivesPolicy.name, data.madhab ?? "", () =>
          AskedAdditive.parse(askedAdditive(additive, code, data.madhab)),
        );
      };
    },
  },
];
