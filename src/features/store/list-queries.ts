import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { StoreFilter } from "./filters.ts";
import { storeColumns } from "./queries.ts";
import type { AdminStore, StoreState } from "./schemas.ts";
import { hasMeantWords, wantedTerms } from "./search-queries.ts";

/** Where a page of all stores ended. */
export type ListPlace = readonly [createdAt: string, id: string];

/** The question of a list of all stores. */
export interface StoreListing {
  readonly query: string | undefined;
  readonly state: StoreState | undefined;
  readonly filter: Omit<StoreFilter, "halalClaim"> & {
    readonly halalClaim: readonly string[] | undefined;
  };
  readonly limit: number;
  readonly after: ListPlace | null;
}

const STATES: Readonly<Record<StoreState, string>> = {
  shown: "removed_at is null",
  removed: "removed_at is not null and not hidden_by_source",
  hidden: "removed_at is not null and hidden_by_source",
};

/** Lists stores for administrators, removed and hidden ones too, the newest first, then by id. */
export async function listStores(db: Db, listing: StoreListing): Promise<AdminStore[]> {
  const { query, state, limit, after, filter } = listing;
  const { storeType, halalCertifiedOnly, certifierIds, minRating, halalClaim } = filter;
  const conditions = [
    ...(state === undefined ? [] : [sql.raw(STATES[state])]),
    ...(storeType === undefined ? [] : [sql`store_type = ${storeType}`]),
    ...(halalCertifiedOnly ? [sql`halal_certified`] : []),
    ...(certifierIds === undefined ? [] : [sql`certifier_id in ${certifierIds}`]),
    ...(minRating === undefined ? [] : [sql`average_rating >= ${minRating}::real`]),
    ...(halalClaim === undefined ? [] : [sql`halal_claim in ${halalClaim}`]),
    ...(after === null
      ? []
      : [sql`(created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`]),
  ];
  const where = sql.join([sql`true`, ...conditions], sql` and `);
  // Stores that are shown and others have an index of words each.
  const steps =
    query === undefined
      ? sql`page as materialized (
          select * from stores where ${where} order by created_at desc, id desc limit ${limit}
        )`
      : sql`${wantedTerms(query)}, page as materialized (
          select * from (
            select * from stores where removed_at is null and ${hasMeantWords} and ${where}
            union all
            select * from stores where removed_at is not null and ${hasMeantWords} and ${where}
          ) as found
          order by created_at desc, id desc limit ${limit}
        )`;
  return db.execute<AdminStore & Record<string, unknown>>(sql`
    with ${steps}
    select ${storeColumns}, ${isoInstant(sql`s.removed_at`)} as "removedAt", s.hidden_by_source as "isHiddenBySource"
    from page s left join certifiers c on c.id = s.certifier_id
    order by s.created_at desc, s.id desc`);
}
