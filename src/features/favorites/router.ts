import { AppError } from "../../errors.ts";
import type { Context, User } from "../../trpc/context.ts";
import { NoInput } from "../../trpc/inputs.ts";
import { languagesOf } from "../../trpc/languages.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { router, userProcedure } from "../../trpc/procedures.ts";
import { keyOf, summedUp } from "./changes.ts";
import { currentRulings } from "../../verdict/rulings-policy.ts";
import { type ChangedFavorite, changeFavorites, listFavorites, listRefs } from "./queries.ts";
import {
  AddOutput,
  FavoriteInput,
  type FavoriteRef,
  ListCursor,
  ListInput,
  ListOutput,
  RefsOutput,
  RemoveOutput,
  SyncInput,
  SyncOutput,
} from "./schemas.ts";
import { describeFavorite } from "./verdicts.ts";
import { text } from "../../texts/text.ts";

/** Favourites of one user, products and stores together. */
export const FAVORITES_MAX = 10_000;

/** Changes one favourite at once. */
async function changeOne(
  { db, now, user }: Pick<Context, "db" | "now"> & { readonly user: User },
  add: readonly FavoriteInput[],
  remove: readonly FavoriteInput[],
): Promise<ChangedFavorite> {
  const changes = summedUp(add, remove, now().toISOString());
  const [changed] = await changeFavorites(db, user.id, changes, FAVORITES_MAX);
  if (changed === undefined) throw new Error("the change of a favourite gave no row");
  return changed;
}

/** An item as it is answered: as it was sent, a barcode with the favourite's id beside it. */
function refOf({ kind, id, barcode, target }: ChangedFavorite): FavoriteRef {
  return { kind, id: id ?? target, ...(barcode === null ? {} : { barcode }) };
}

const sentKey = ({ kind, id, barcode }: ChangedFavorite) => `${kind} ${id ?? barcode ?? ""}`;

export const favoritesRouter = router({
  /**
   * The caller's favourites with their product or store, the latest first; removed stores are left out.
   * Units: instants in ISO 8601; degrees; rating 0–5.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the `favorites` table; products carry the attribution that their licence asks for.
   */
  list: userProcedure
    .meta({ isByLanguage: true })
    .input(ListInput)
    .output(ListOutput)
    .query(async ({ ctx, input }) => {
      // Names are no part of the order: a cursor serves in every language.
      const list = listId("favorites.list", { ...input, locale: undefined });
      const languages = languagesOf(input.locale, ctx.languages);
      const after = decodeCursor(input.cursor, ListCursor, list);
      const { kind, limit } = input;
      const now = ctx.now();
      const [rows, rulings] = await Promise.all([
        ctx.reads.readAsUser(ctx.user.id, (db) =>
          listFavorites(db, ctx.user.id, { kind, limit, after, now }),
        ),
        currentRulings(ctx),
      ]);
      const items = rows.map((row) => describeFavorite(row, { rulings, now, languages }));
      return cutPage(items, limit, list, ({ createdAt, kind, id }) => [createdAt, kind, id]);
    }),

  /**
   * The ids of all of the caller's favourites, for the hearts on a phone's screens.
   * Errors: UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the `favorites` table.
   */
  refs: userProcedure
    .input(NoInput)
    .output(RefsOutput)
    .query(async ({ ctx }) => ({
      items: await ctx.reads.readAsUser(ctx.user.id, (db) => listRefs(db, ctx.user.id)),
    })),

  /**
   * Makes a store (by `id`) or a product (by `id` or `barcode`) a favourite; does nothing when it is one. A product by
   * its barcode may be unknown yet.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, NOT_FOUND (no such product or store), TOO_MANY_REQUESTS (10,000 favourites already),
   * UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  add: userProcedure
    .input(FavoriteInput)
    .output(AddOutput)
    .mutation(async ({ ctx, input }) => {
      const changed = await changeOne(ctx, [input], []);
      if (!changed.isKnown) throw new AppError("NOT_FOUND", text(`no_${input.kind}`));
      if (changed.isOverLimit) {
        const tooMany = text("too_many_favorites", { maximum: FAVORITES_MAX });
        throw new AppError("TOO_MANY_REQUESTS", tooMany, { reason: "too_many_favorites" });
      }
      return { ...refOf(changed), added: !changed.wasFavorite };
    }),

  /**
   * Removes a favourite, named as `add` names it; does nothing when it is none.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  remove: userProcedure
    .input(FavoriteInput)
    .output(RemoveOutput)
    .mutation(async ({ ctx, input }) => {
      const changed = await changeOne(ctx, [], [input]);
      return { ...refOf(changed), removed: changed.wasFavorite };
    }),

  /**
   * Adds and removes what an offline phone collected, all at once; sent again it answers the same.
   * Of what was done to an item the latest counts, in whatever order it arrives; at the same time, its removal.
   * Items that do not exist, or exceed 10,000 favourites, are reported and do not fail the rest.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  sync: userProcedure
    .meta({ cost: 5 })
    .input(SyncInput)
    .output(SyncOutput)
    .mutation(async ({ ctx, input }) => {
      const changes = summedUp(input.add, input.remove, ctx.now().toISOString());
      if (changes.length === 0) return { added: [], removed: [], unknown: [], overLimit: [] };
      const changed = await changeFavorites(ctx.db, ctx.user.id, changes, FAVORITES_MAX);
      const toAdd = new Set(input.add.map(keyOf));
      const outcomeOf = (one: ChangedFavorite) => {
        if (one.isOverLimit) return "overLimit";
        if (one.isFavorite) return "added";
        return one.isKnown || !toAdd.has(sentKey(one)) ? "removed" : "unknown";
      };
      const refsOf = (outcome: keyof SyncOutput) =>
        changed.filter((one) => outcomeOf(one) === outcome).map(refOf);
      return {
        added: refsOf("added"),
        removed: refsOf("removed"),
        unknown: refsOf("unknown"),
        overLimit: refsOf("overLimit"),
      };
    }),
});
