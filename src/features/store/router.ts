import timeZoneAt from "@photostructure/tz-lookup";
import { z } from "zod";
import { constraintViolation } from "../../db/client/errors.ts";
import { AppError, inputError } from "../../errors.ts";
import type { Context } from "../../trpc/context.ts";
import { cachedQuery, inBytes, sharedAnswer } from "../../trpc/fast-query.ts";
import { languagesOf, nameIn, NO_LANGUAGES, tagOfName } from "../../trpc/languages.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { answerFrom, type FragmentKind } from "./candidates.ts";
import { cellParameters } from "./cells.ts";
import { changeStore } from "./change.ts";
import { openingNow, storeDetail } from "./detail.ts";
import { findOpeningHoursProblem } from "./opening-hours.ts";
import { storePolicy, storesPolicy } from "./policies.ts";
import { insertStore, removeStore, type StoreChanges, type StoreRow } from "./queries.ts";
import { searchStores } from "./search-queries.ts";
import {
  ByIdInput,
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

/** Answers from the entry of the caller's cell, exactly for the caller. */
function around(kind: FragmentKind, input: z.ZodType<MarkersInput>) {
  return cachedQuery({
    input,
    policy: storesPolicy,
    // Each caller is somewhere else.
    isRepeated: false,
    parameters: cellParameters,
    answer: (value, { input: caller, etag, languages: accepted }) => {
      const { radiusKm, limit, locale } = caller;
      const languages = languagesOf(locale, accepted);
      const options = { radiusMeters: radiusKm * 1000, limit, languages };
      const bytes = answerFrom(value, kind, caller, options);
      return { bytes, etag: etag + languages.key, isShared: false };
    },
  });
}

const nearby = around("nearby", NearbyInput);
const markers = around("marker", MarkersInput);

const byId = cachedQuery({
  input: ByIdInput,
  policy: storePolicy,
  isRepeated: true,
  parameters: ({ id }) => ({ id: id.toLowerCase() }),
  answer: (row, { input: { locale }, etag, nowMs, languages: accepted }) => {
    if (row === null) return noSuchStore();
    const opening = openingNow(row, nowMs);
    const languages = languagesOf(locale, accepted);
    // One answer for each name that it has, not for each list of languages.
    const tag = tagOfName(row.names, languages) ?? "";
    return sharedAnswer(row, etag, opening.variant + tag, () =>
      StoreDetail.parse(storeDetail(row, opening, tag === "" ? NO_LANGUAGES : languages)),
    );
  },
});

export const storeRouter = router({
  /**
   * The stores nearest to a position, nearest first, then by id.
   * Units: degrees and kilometres in, `distance` in metres along the WGS 84 geodesic, rounded to 0.1.
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
   * Stores with the query's words, or their beginnings, in city and names, of whatever language; or else with something like them. A typo in
   * each word of four letters and more is forgiven. Nearest first with a position, else most alike first; of thousands
   * that match, `searchStores` says which may be left out.
   * Units: degrees in, `distance` in metres, rounded to 0.1.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `stores` table; a typo as in Damerau 1964; likeness is pg_trgm's word similarity, 0.4 and up.
   */
  search: publicProcedure
    .meta({ cost: 3, isByLanguage: true })
    .input(SearchInput)
    .output(SearchOutput)
    .query(async ({ ctx, input }) => {
      const list = listId("store.search", input);
      const after = decodeCursor(input.cursor, SearchPlace, list);
      const { limit, locale, ...search } = input;
      const languages = languagesOf(locale, ctx.languages);
      const asked = {
        ...search,
        near: input.near,
        storeType: input.storeType,
        after,
        limit: limit + 1,
      };
      const rows = await ctx.reads.readPublic((db) => searchStores(db, asked));
      const named = rows.map((row) => ({
        ...row,
        name: nameIn(row.names, languages) ?? row.name,
      }));
      // The output's schema leaves the sort key and the other names out.
      return cutPage(named, limit, list, ({ sortKey, id }) => [sortKey, id]);
    }),

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
});

const SearchPlace = z.tuple([z.number(), z.uuid()]);

function noSuchStore(): AppError {
  return new AppError("NOT_FOUND", text("no_store"));
}

function describeStore(ctx: Context, given: StoreRow | null): StoreDetail {
  const row = found(given);
  return storeDetail(row, openingNow(row, ctx.now().getTime()), NO_LANGUAGES);
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
