import { AppError } from "../../errors.ts";
import type { Context, User } from "../../trpc/context.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { router, userProcedure } from "../../trpc/procedures.ts";
import { keyOf, summedUp } from "./changes.ts";
import { currentRulings } from "../../verdict/rulings-policy.ts";
import { type ChangedFavorite, changeFavorites, listFavorites } from "./queries.ts";
import {
  AddOutput,
  FavoriteRef,
  ListCursor,
  ListInput,
  ListOutput,
  RemoveOutput,
  SyncInput,
  SyncOutput,
} from "./schemas.ts";
import { withVerdict } from "./verdicts.ts";

/** Changes one favourite at once. */
async function changeOne(
  { db, now, user }: Pick<Context, "db" | "now"> & { readonly user: User },
  add: readonly FavoriteRef[],
  remove: readonly FavoriteRef[],
): Promise<ChangedFavorite> {
  const [changed] = await changeFavorites(db, user.id, summedUp(add, remove, now().toISOString()));
  if (changed === undefined) throw new Error("the change of a favourite gave no row");
  return changed;
}

export const favoritesRouter = router({
  /**
   * The caller's favourites with their product or store, the latest first; removed stores are left out.
   * Units: instants in ISO 8601; degrees; rating 0–5.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   * Source: the `favorites` table; products carry the attribution that their licence asks for.
   */
  list: userProcedure
    .input(ListInput)
    .output(ListOutput)
    .query(async ({ ctx, input }) => {
      const list = listId("favorites.list", input);
      const after = decodeCursor(input.cursor, ListCursor, list);
      const { kind, limit } = input;
      const [rows, rulings] = await Promise.all([
        ctx.reads.readAsUser(ctx.user.id, (db) =>
          listFavorites(db, ctx.user.id, { kind, limit, after }),
        ),
        currentRulings(ctx),
      ]);
      const items = rows.map((row) => withVerdict(row, rulings));
      return cutPage(items, limit, list, ({ createdAt, kind, id }) => [createdAt, kind, id]);
    }),

  /**
   * Makes a product or a store a favourite; does nothing when it is one.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, NOT_FOUND (no such product or store), UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  add: userProcedure
    .input(FavoriteRef)
    .output(AddOutput)
    .mutation(async ({ ctx, input }) => {
      const { isKnown, wasFavorite } = await changeOne(ctx, [input], []);
      if (!isKnown) throw new AppError("NOT_FOUND", `There is no such ${input.kind}.`);
      return { ...input, added: !wasFavorite };
    }),

  /**
   * Removes a favourite; does nothing when it is none.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  remove: userProcedure
    .input(FavoriteRef)
    .output(RemoveOutput)
    .mutation(async ({ ctx, input }) => ({
      ...input,
      removed: (await changeOne(ctx, [], [input])).wasFavorite,
    })),

  /**
   * Adds and removes what an offline phone collected, all at once; sent again it answers the same.
   * Of what was done to an item the latest counts, in whatever order it arrives; at the same time, its removal.
   * What does not exist is reported and does not fail the rest.
   * Units: instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, SERVICE_UNAVAILABLE.
   */
  sync: userProcedure
    .meta({ cost: 5 })
    .input(SyncInput)
    .output(SyncOutput)
    .mutation(async ({ ctx, input }) => {
      const changes = summedUp(input.add, input.remove, ctx.now().toISOString());
      if (changes.length === 0) return { added: [], removed: [], unknown: [] };
      const changed = await changeFavorites(ctx.db, ctx.user.id, changes);
      const toAdd = new Set(input.add.map(keyOf));
      const outcomeOf = (one: ChangedFavorite) => {
        if (one.isFavorite) return "added";
        return one.isKnown || !toAdd.has(keyOf(one)) ? "removed" : "unknown";
      };
      const refsOf = (outcome: keyof SyncOutput) =>
        changed
          .filter((one) => outcomeOf(one) === outcome)
          .map(({ kind, id }): FavoriteRef => ({ kind, id }));
      return { added: refsOf("added"), removed: refsOf("removed"), unknown: refsOf("unknown") };
    }),
});
