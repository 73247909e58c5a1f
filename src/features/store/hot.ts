import type { z } from "zod";
import { cachedQuestion, type HotProcedure, sharedAnswer } from "../../trpc/hot-answer.ts";
import { answerFrom, type FragmentKind } from "./candidates.ts";
import { cellParameters } from "./cells.ts";
import { openingNow, storeDetail } from "./detail.ts";
import { storePolicy, storesPolicy } from "./policies.ts";
import { MarkersInput, NearbyInput, StoreDetail, StoreIdInput } from "./schemas.ts";

function hotAround(
  path: string,
  kind: FragmentKind,
  schema: z.ZodType<MarkersInput>,
): HotProcedure {
  return {
    path,
    recurs: false,
    understand(input) {
      const { data } = schema.safeParse(input);
      if (data === undefined) return undefined;
      const parameters = cellParameters(data);
      const options = { radiusMeters: data.radiusKm * 1000, limit: data.limit };
      return cachedQuestion({
        policy: storesPolicy,
        parameters,
        answer: (value, tag) => ({
          bytes: answerFrom(value, kind, data, options),
          tag,
          isShared: false,
        }),
      });
    },
  };
}

/** The queries of this feature that take the short way. */
export const storeHotProcedures: readonly HotProcedure[] = [
  hotAround("store.nearby", "nearby", NearbyInput),
  hotAround("store.markers", "marker", MarkersInput),
  {
    path: "store.byId",
    recurs: true,
    understand(input) {
      const { data } = StoreIdInput.safeParse(input);
      if (data === undefined) return undefined;
      const id = data.id.toLowerCase();
      return cachedQuestion({
        policy: storePolicy,
        parameters: { id },
        answer: (row, tag, nowMs) => {
          if (row === null) return undefined;
          const opening = openingNow(row, nowMs);
          return sharedAnswer(row, tag, opening.variant, () =>
            StoreDetail.parse(storeDetail(row, opening)),
          );
        },
      });
    },
  },
];
