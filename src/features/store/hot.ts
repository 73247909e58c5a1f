import type { z } from "zod";
import { type HotProcedure, sharedAnswer } from "../../cache/hot-answer.ts";
import { answerFrom, type FragmentKind } from "./candidates.ts";
import { cellParameters } from "./cells.ts";
import { detailAt } from "./detail.ts";
import { storePolicy, storesPolicy } from "./policies.ts";
import { MarkersInput, NearbyInput, StoreDetail, StoreIdInput } from "./schemas.ts";

function hotAround(
  path: string,
  kind: FragmentKind,
  schema: z.ZodType<MarkersInput>,
): HotProcedure {
  return {
    path,
    answer(cache, input) {
      const { data } = schema.safeParse(input);
      if (data === undefined) return undefined;
      const entry = cache.peek(storesPolicy, storesPolicy.key(cellParameters(data)));
      if (entry === undefined) return undefined;
      const result = answerFrom(entry.value, kind, data, {
        radiusMeters: data.radiusKm * 1000,
        limit: data.limit,
      });
      return { result, tag: entry.tag };
    },
  };
}

/** The hits of this feature that are answered from memory at once. */
export const storeHotProcedures: readonly HotProcedure[] = [
  hotAround("store.nearby", "nearby", NearbyInput),
  hotAround("store.markers", "marker", MarkersInput),
  {
    path: "store.byId",
    answer(cache, input, nowMs) {
      const { data } = StoreIdInput.safeParse(input);
      if (data === undefined) return undefined;
      const entry = cache.peek(storePolicy, storePolicy.key({ id: data.id.toLowerCase() }));
      const row = entry?.value;
      if (entry === undefined || row === null || row === undefined) return undefined;
      const { detail, variant } = detailAt(row, nowMs);
      return sharedAnswer({ value: row, tag: entry.tag }, variant, () => StoreDetail.parse(detail));
    },
  },
];
