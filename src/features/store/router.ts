import timeZoneAt from "@photostructure/tz-lookup";
import { z } from "zod";
import { constraintViolation } from "../../db/client/errors.ts";
import { inputError } from "../../errors.ts";
import type { Context } from "../../trpc/context.ts";
import { inBytes } from "../../trpc/fast-query.ts";
import { languagesOf, nameIn, NO_LANGUAGES } from "../../trpc/languages.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { around } from "./around.ts";
import { findInBounds, listHoursInBounds } from "./bounds-queries.ts";
import { byId, noSuchStore } from "./by-id.ts";
import { changeStore } from "./change.ts";
import { openingOf, storeDetail } from "./detail.ts";
import { filterOf } from "./filters.ts";
import { openAmong } from "./open-queries.ts";
import { listStores } from "./list-queries.ts";
import { findOpeningHoursProblem } from "./opening-hours.ts";
import { insertStore, removeStore, type StoreChanges, type StoreRow } from "./queries.ts";
import { search } from "./search.ts";
import {
  BoundsInput,
  BoundsOutput,
  ByIdInput,
  ListStoresInput,
  ListStoresOutput,
  MarkersInput,
  MarkersOutput,
  NearbyInput,
  NearbyOutput,
  RemoveStoreOutput,
  SearchInput,
  SearchOutput,
  StoreColumns,
  StoreDetail,
  StoreIdInput,
  UpdateStoreInput,
} from "./schemas.ts";
import { text } from "../../texts/text.ts";

const nearby = around("nearby", NearbyInput);
const markers = around("marker", MarkersInput);

export const storeRouter = router({
  /**
   * The stores nearest to a position, nearest first, then by id.
   * With filters these are the nearest that match, as many as there are.
   * Units: degrees, kilometres and stars in; `distance` in metres along the WGS 84 geodesic, rounded to 0.1; instants in
   * ISO 8601.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `stores` table; distances as PostGIS `ST_Distance(geography, geography)`, after Karney 2013.
   */
  nearby: publicProcedure
    .meta({ fast: nearby, isByLanguage: true })
    .input(NearbyInput)
    .output(NearbyOutput)
    .query(inBytes(nearby)),

  /**
   * The same stores with just what a map's pins need.
   * Units: as in `store.nearby`.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `stores` table.
   */
  markers: publicProcedure
    .meta({ fast: markers, isByLanguage: true })
    .input(MarkersInput)
    .output(MarkersOutput)
    .query(inBytes(markers)),

  /**
   * The stores in a map's bounds that are nearest to their middle, with just what pins need; bounds may cross the
   * antimeridian (`west` 170, `east` -170) and may be the whole world (-180 to 180). `truncated` says that there may be more than `items`. `total` is null where
   * bounds hold more than 10,000 stores of the type and certification asked for: these are not counted, and the other
   * filters look at the 10,000 nearest to the middle.
   * Units: degrees in, `distance` in metres from the middle, rounded to 0.1; stars.
   * Errors: BAD_REQUEST (also for `south` north of `north`), SERVICE_UNAVAILABLE.
   * Source: the `stores` table.
   */
  inBounds: publicProcedure
    .meta({ cost: 3, isByLanguage: true })
    .input(BoundsInput)
    .output(BoundsOutput)
    .query(async ({ ctx, input }) => {
      const { limit, locale, openNow, west, south, east, north, ...asked } = input;
      const languages = languagesOf(locale, ctx.languages);
      const question = {
        bounds: { west, south, east, north },
        filter: filterOf({ ...asked, openNow }),
        limit,
      };
      const open = openNow
        ? await openAmong(
            await ctx.reads.readPublic((db) => listHoursInBounds(db, question)),
            ctx.now().getTime(),
          )
        : null;
      const found = await ctx.reads.readPublic((db) => findInBounds(db, { ...question, open }));
      const items = found.items.map((store) => ({
        ...store,
        name: nameIn(store.names, languages) ?? store.name,
      }));
      return { ...found, items };
    }),

  /**
   * One store with everything known about it, and whether it is open now in its own time zone.
   * Units: degrees; `averageRating` 0–5; instants in ISO 8601.
   * Errors: BAD_REQUEST, NOT_FOUND, SERVICE_UNAVAILABLE.
   * Source: the `stores` table; opening hours in OSM syntax.
   */
  byId: publicProcedure
    .meta({ fast: byId, isByLanguage: true })
    .input(ByIdInput)
    .output(StoreDetail)
    .query(inBytes(byId)),

  /**
   * Stores with the query's words, or their beginnings, in names of whatever language, street and city; or else with
   * something like them. A typo in each word of four letters and more is forgiven. Nearest first with a position, else
   * most alike first; of thousands that match, the farthest, or without a position any, may be left out.
   * Units: degrees and stars in, `distance` in metres, rounded to 0.1; instants in ISO 8601.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `stores` table; a typo as in Damerau 1964; likeness is pg_trgm's word similarity, 0.4 and up.
   */
  search: publicProcedure
    .meta({ cost: 3, fast: search, isByLanguage: true })
    .input(SearchInput)
    .output(SearchOutput)
    .query(inBytes(search)),

  /**
   * Makes a store; its time zone is the one at its position unless given.
   * Units: degrees; `averageRating` 0–5.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  create: adminProcedure
    .input(StoreColumns)
    .output(StoreDetail)
    .mutation(async ({ ctx, input }) => {
      const timeZone = input.timeZone ?? timeZoneAt(input.latitude, input.longitude);
      assertOpeningHours(input);
      const store = await refusingUnknownCertifier(insertStore(ctx.db, { ...input, timeZone }));
      return describeStore(ctx, store);
    }),

  /**
   * Changes the given fields of a store. A store that moves gets the time zone of its new place unless one is given.
   * Units: as in `store.create`.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, SERVICE_UNAVAILABLE.
   */
  update: adminProcedure
    .input(UpdateStoreInput)
    .output(StoreDetail)
    .mutation(async ({ ctx, input }) => {
      const { id, ...fields } = input;
      assertOpeningHours(fields);
      const store = await refusingUnknownCertifier(changeStore(ctx.db, id, fields));
      return describeStore(ctx, store);
    }),

  /**
   * Hides a store everywhere.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, SERVICE_UNAVAILABLE.
   */
  remove: adminProcedure
    .input(StoreIdInput)
    .output(RemoveStoreOutput)
    .mutation(async ({ ctx, input }) => {
      if (!(await removeStore(ctx.db, input.id))) throw noSuchStore();
      return { id: input.id };
    }),

  /**
   * All stores with every column, those that were removed or are hidden too, the newest first.
   * Units: degrees; stars; instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   * Source: the `stores` table.
   */
  list: adminProcedure
    .input(ListStoresInput)
    .output(ListStoresOutput)
    .query(async ({ ctx, input }) => {
      const { query, state, limit, cursor, halalClaim, ...asked } = input;
      const list = listId("store.list", input);
      const after = decodeCursor(cursor, ListPlace, list);
      const filter = {
        ...filterOf({ ...asked, halalClaim: undefined, openNow: false }),
        halalClaim,
      };
      const rows = await listStores(ctx.db, { query, state, limit: limit + 1, after, filter });
      return cutPage(rows, limit, list, ({ createdAt, id }) => [createdAt, id]);
    }),
});

const ListPlace = z.tuple([z.iso.datetime(), z.uuid()]);

function describeStore(ctx: Context, given: StoreRow | null): StoreDetail {
  const row = found(given);
  return storeDetail(row, openingOf(row, ctx.now().getTime()), NO_LANGUAGES);
}

function found(row: StoreRow | null): StoreRow {
  if (row === null) throw noSuchStore();
  return row;
}

function assertOpeningHours({ openingHours }: StoreChanges): void {
  if (openingHours === null || openingHours === undefined) return;
  const problem = findOpeningHoursProblem(openingHours);
  if (problem !== null) throw inputError("openingHours", problem);
}

async function refusingUnknownCertifier<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (constraintViolation(error)?.kind === "foreign_key") {
      throw inputError("certifierId", text("unknown_certifier"), { cause: error });
    }
    throw error;
  }
}
