import { withCache } from "../../cache/cache.ts";
import { AppError } from "../../errors.ts";
import { cellBounds, cellOf, radiusBucketMeters } from "../../geo/cell.ts";
import type { Context } from "../../trpc/context.ts";
import { publicProcedure, router } from "../../trpc/procedures.ts";
import {
  answerFrom,
  buildCandidates,
  type FragmentKind,
  type StoreCandidates,
} from "./candidates.ts";
import { openingStateAt } from "./opening-hours.ts";
import { type CellParameters, SHARED_LIMIT, storePolicy, storesPolicy } from "./policies.ts";
import { findStore, listCellStores } from "./queries.ts";
import {
  MarkersInput,
  MarkersOutput,
  NearbyInput,
  NearbyOutput,
  StoreDetail,
  StoreIdInput,
} from "./schemas.ts";

const MARKERS_LIMIT = 500;

/** The exact answer for the caller, from the entry of the caller's cell. */
async function answerAround<T>(ctx: Context, kind: FragmentKind, input: MarkersInput): Promise<T> {
  const parameters: CellParameters = {
    cell: cellBounds(cellOf(input)),
    storeType: input.storeType,
    halalCertifiedOnly: input.halalCertifiedOnly,
    radiusMeters: radiusBucketMeters(input.radiusKm),
    limit: input.limit <= SHARED_LIMIT ? SHARED_LIMIT : MARKERS_LIMIT,
  };
  const { value, state } = await withCache(ctx.cache, storesPolicy, parameters, () =>
    loadCell(ctx, parameters),
  );
  ctx.cacheStates.push(state);
  const answer = answerFrom(value, kind, input, {
    radiusMeters: input.radiusKm * 1000,
    limit: input.limit,
  });
  return JSON.parse(answer.toString()) as T;
}

async function loadCell(
  ctx: Context,
  parameters: CellParameters,
): Promise<{ value: StoreCandidates; snapshot: string }> {
  const { cell, radiusMeters, limit } = parameters;
  const area = { padMeters: cell.padMeters, radiusMeters, limit };
  const { value, snapshot } = await listCellStores(ctx.db, cell.center, area, parameters);
  return {
    value: buildCandidates(cell, value.stores, {
      limit,
      radiusMeters,
      reachMeters: value.reachMeters,
    }),
    snapshot,
  };
}

export const storeRouter = router({
  /**
   * The stores nearest to a position, nearest first, then by id.
   * Units: degrees and kilometres in, `distance` in metres along the WGS 84 geodesic, rounded to 0.1.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `stores` table; distances as PostGIS `ST_Distance(geography, geography)`, after Karney 2013.
   */
  nearby: publicProcedure
    .input(NearbyInput)
    .output(NearbyOutput)
    .query(({ ctx, input }) => answerAround<NearbyOutput>(ctx, "nearby", input)),

  /**
   * The same stores with just what a map's pins need.
   * Units: as in `store.nearby`.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `stores` table.
   */
  markers: publicProcedure
    .input(MarkersInput)
    .output(MarkersOutput)
    .query(({ ctx, input }) => answerAround<MarkersOutput>(ctx, "marker", input)),

  /**
   * One store with everything known about it, and whether it is open now in its own time zone.
   * Errors: BAD_REQUEST, NOT_FOUND, SERVICE_UNAVAILABLE.
   * Source: the `stores` table; opening hours in OSM syntax.
   */
  byId: publicProcedure
    .input(StoreIdInput)
    .output(StoreDetail)
    .query(async ({ ctx, input }) => {
      const id = input.id.toLowerCase();
      const { value, state } = await withCache(ctx.cache, storePolicy, { id }, () =>
        findStore(ctx.db, id),
      );
      ctx.cacheStates.push(state);
      if (value === null) throw new AppError("NOT_FOUND", "There is no such store.");
      const { attribution, openingHours, ...store } = value;
      const opening =
        openingHours === null
          ? null
          : openingStateAt({ ...store, openingHours }, ctx.now().getTime());
      return { ...store, openingHours, isOpenNow: opening?.isOpen ?? null, attribution };
    }),
});
