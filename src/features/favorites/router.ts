import { AppError } from "../../errors.ts";
import { cutPage, decodeCursor } from "../../trpc/list.ts";
import { router, userProcedure } from "../../trpc/procedures.ts";
import { deleteFavorite, insertFavorite, listFavorites, syncFavorites } from "./queries.ts";
import {
  AddOutput,
  FavoriteRef,
  ListCursor,
  ListInput,
  ListOutput,
  RemoveOutput,
  type SyncItem,
  SyncInput,
  SyncOutput,
} from "./schemas.ts";

const keyOf = ({ kind, id }: FavoriteRef) => `${kind} ${id}`;

const earlier = (a: string, b: string) => (a < b ? a : b);

/** Each item once: the first of its kind and id. */
function distinct(items: readonly SyncItem[]): Map<string, SyncItem> {
  const byKey = new Map<string, SyncItem>();
  for (const item of items) if (!byKey.has(keyOf(item))) byKey.set(keyOf(item), item);
  return byKey;
}

export const favoritesRouter = router({
  /**
   * The caller's favourites with their product or store, the latest first; removed stores are left out.
   * Errors: BAD_REQUEST, UNAUTHORIZED.
   * Source: the `favorites` table; products carry the attribution that their licence asks for.
   */
  list: userProcedure
    .input(ListInput)
    .output(ListOutput)
    .query(async ({ ctx, input }) => {
      const after = decodeCursor(input.cursor, ListCursor);
      const { kind, limit } = input;
      const rows = await ctx.reads.readAsUser(ctx.user.id, (db) =>
        listFavorites(db, ctx.user.id, { kind, limit, after }),
      );
      return cutPage(rows, limit, ({ createdAt, kind, id }) => [createdAt, kind, id]);
    }),

  /**
   * Makes a product or a store a favourite; does nothing when it is one.
   * Errors: BAD_REQUEST, NOT_FOUND (no such product or store), UNAUTHORIZED.
   */
  add: userProcedure
    .input(FavoriteRef)
    .output(AddOutput)
    .mutation(async ({ ctx, input }) => {
      const createdAt = ctx.now().toISOString();
      const { known, added } = await insertFavorite(ctx.db, ctx.user.id, { ...input, createdAt });
      if (!known) throw new AppError("NOT_FOUND", `There is no such ${input.kind}.`);
      return { ...input, added };
    }),

  /**
   * Removes a favourite; does nothing when it is none.
   * Errors: BAD_REQUEST, UNAUTHORIZED.
   */
  remove: userProcedure
    .input(FavoriteRef)
    .output(RemoveOutput)
    .mutation(async ({ ctx, input }) => ({
      ...input,
      removed: await deleteFavorite(ctx.db, ctx.user.id, input),
    })),

  /**
   * Adds and removes what an offline phone collected, all at once; sent again it answers the same.
   * An item in both lists is removed; what does not exist is reported and does not fail the rest.
   * Errors: BAD_REQUEST, UNAUTHORIZED.
   */
  sync: userProcedure
    .input(SyncInput)
    .output(SyncOutput)
    .mutation(async ({ ctx, input }) => {
      const now = ctx.now().toISOString();
      const remove = distinct(input.remove);
      const add = [...distinct(input.add)].flatMap(([key, { kind, id, createdAt }]) =>
        remove.has(key) ? [] : [{ kind, id, createdAt: earlier(createdAt ?? now, now) }],
      );
      const removed = [...remove.values()].map(({ kind, id }) => ({ kind, id }));
      if (add.length + removed.length === 0) return { added: [], removed: [], unknown: [] };
      const known = await syncFavorites(ctx.db, ctx.user.id, add, removed);
      const knownKeys = new Set(known.map(keyOf));
      const asked = add.map(({ kind, id }) => ({ kind, id }));
      return {
        added: asked.filter((ref) => knownKeys.has(keyOf(ref))),
        removed,
        unknown: asked.filter((ref) => !knownKeys.has(keyOf(ref))),
      };
    }),
});
