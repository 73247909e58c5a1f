import { randomUUID } from "node:crypto";
import type { FavoriteRef } from "../../src/features/favorites/schemas.ts";
import { type Instance, openStack, type Stack } from "./stack.ts";
import { insertStores } from "./store-rows.ts";
import { insertProducts } from "./user-rows.ts";

type Favorites = Awaited<ReturnType<Instance["as"]>>["favorites"];

/** Two instances, and products and stores that may be favourites. */
export interface FavoritesWorld {
  readonly stack: Stack;
  readonly instance: Instance;
  readonly products: FavoriteRef[];
  readonly stores: FavoriteRef[];
  /** A new user, by either instance. */
  readonly someone: () => Promise<{
    readonly id: string;
    readonly api: Favorites;
    readonly elsewhere: Favorites;
  }>;
  /** The keys of a user's rows. */
  readonly rowsOf: (userId: string) => Promise<string[]>;
}

/** Opens a stack for tests of favourites. */
export async function openFavoritesWorld(): Promise<FavoritesWorld> {
  const stack = await openStack();
  const made = await insertProducts(
    stack.sql,
    Array.from({ length: 12 }, (_, i) => ({ name: `Product ${i}`, additives: ["E330"] })),
  );
  const ids = await insertStores(
    stack.sql,
    Array.from({ length: 12 }, (_, i) => ({ latitude: 48, longitude: 2 + i / 100 })),
  );
  const instance = await stack.startInstance();
  const other = await stack.startInstance();
  return {
    stack,
    instance,
    products: made.map(({ id }) => ({ kind: "product", id })),
    stores: ids.map((id) => ({ kind: "store", id })),
    async someone() {
      const id = randomUUID();
      return {
        id,
        api: (await instance.as({ id })).favorites,
        elsewhere: (await other.as({ id })).favorites,
      };
    },
    async rowsOf(userId) {
      const rows = await stack.sql<
        { key: string }[]
      >`select kind || ' ' || target_id as key from favorites where user_id = ${userId}`;
      return rows.map(({ key }) => key).sort();
    },
  };
}

export const keyOf = ({ kind, id }: Pick<FavoriteRef, "kind" | "id">) => `${kind} ${id}`;
export const keysOf = (refs: readonly FavoriteRef[]) => refs.map(keyOf).sort();

/** Errors: Error for a place that has none. */
export function at(refs: readonly FavoriteRef[], index: number): FavoriteRef {
  const ref = refs[index];
  if (ref === undefined) throw new Error("no such seed");
  return ref;
}
