import type { z } from "zod";
import { cachedQuestion, type HotProcedure, sharedAnswer } from "../../trpc/hot-answer.ts";
import { answerFrom, type FragmentKind } from "./candidates.ts";
import { resultOf } from "../../trpc/result-bytes.ts";
import { cellParameters } from "./cells.ts";
import { openingNow, storeDetail } from "./detail.ts";
import { nameIn } from "./names.ts";
import { storePolicy, storesPolicy } from "./policies.ts";
import { ByIdInput, MarkersInput, NearbyInput, StoreDetail } from "./schemas.ts";

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
      const { radiusKm, limit, locale } = data;
      const options = { radiusMeters: radiusKm * 1000, limit, locale };
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
      const { data } = ByIdInput.safeParse(input);
      if (data === undefined) return undefined;
      const id = data.id.toLowerCase();
      const { locale } = data;
      return cachedQuestion({
        policy: storePolicy,
        parameters: { id },
        answer: (row, tag, nowMs) => {
          if (row === null) return undefined;
          const opening = openingNow(row, nowMs);
          if (locale && nameIn(row.names, locale) !== undefined) {
            const detail = StoreDetail.parse(storeDetail(row, opening, locale));
            const bytes = resultOf(JSON.stringify(detail));
            return { bytes, tag: `${tag}${opening.variant}${locale}`, isShared: false };
          }
          return sharedAnswer(row, tag, opening.variant, () =>
            StoreDetail.parse(storeDetail(row, opening)),
          );
        },
      });
    },
  },
];
