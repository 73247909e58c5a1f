import type { z } from "zod";
import { type HotProcedure, sharedAnswer } from "../../cache/hot-answer.ts";
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
      return (cache) => {
        const entry = cache.peek(storesPolicy, cellParameters(data).key);
        if (entry === undefined) return undefined;
        const bytes = answerFrom(entry.value, kind, data, {
          radiusMeters: data.radiusKm * 1000,
          limit: data.limit,
        });
        return { bytes, tag: entry.tag, cacheName: storesPolicy.name };
      };
    },
  };
}

/** The hits of this feature that are answered from memory at once. */
export const storeHotProcedures: readonly HotProcedure[] = [
  hotAround("store.nearby", "nearby", NearbyInput),
  hotAround("store.markers", "marker", MarkersInput),
  {
    path: "store.byId",
    recurs: true,
    understand(input) {
      const { data } = StoreIdInput.safeParse(input);
      if (data === undefined) return undefined;
      const key = storePolicy.key({ id: data.id.toLowerCase() });
      return (cache, nowMs) => {
        const entry = cache.peek(storePolicy, key);
        const row = entry?.value;
        if (entry === undefined || row === null || row === undefined) return undefined;
        const opening = openingNow(row, nowMs);
        return sharedAnswer({ value: row, tag: entry.tag }, storePolicy.name, opening.variant, () =>
          StoreDetail.parse(storeDetail(row, opening)),
        );
      };
    },
  },
];
