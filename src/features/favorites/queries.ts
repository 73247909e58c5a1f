import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { FavoriteKind } from "../../db/tables/vocabulary.ts";
import type { FavoriteChange } from "./changes.ts";
import type { Favorite, FavoriteRef, ListCursor } from "./schemas.ts";

/** What became of a favourite after its change. */
export interface ChangedFavorite extends FavoriteRef {
  /** Whether there is such a product or store. */
  readonly isKnown: boolean;
  readonly wasFavorite: boolean;
  readonly isFavorite: boolean;
}

/**
 * What a scan of the product answers when no school is chosen, from what the tables know of it today.
 * Source: the rules of a scan's verdict, in `scans/verdict.ts`; a test compares both over all their facts.
 */
const verdictOfProduct: SQL = sql`
  select decided.status,
    floor(decided.confidence
      * (case when decided.status = 'haram' and (facts.certified or facts.claims_halal) then 0.5 else 1 end
        * case when decided.status = 'halal' and (facts.own = 'doubtful' or facts.has_doubtful) then 0.75 else 1 end
        * case when decided.status = 'halal' and (facts.has_unknown or not facts.ingredients_known) then 0.9 else 1 end
        * case when facts.in_store then 0.5 else 1 end)::float8 * 1000 + 0.5) / 1000 as confidence
  from (
    select p.halal_status as own, p.confidence_score as own_confidence,
      coalesce(c.trust_score, 0) / 100.0::float8 as trust, coalesce(c.trust_score, 0) >= 30 as certified,
      p.halal_status = 'halal' and p.confidence_score >= 0.3 as claims_halal,
      coalesce(p.ingredients, '') ~ '\\S' or cardinality(p.additives) > 0 as ingredients_known,
      p.barcode ~ '^.(?:00000[02]|(?!00000)(?:02|04|2))' as in_store,
      coalesce(bool_or(entry.halal_status = 'haram'), false) as has_haram,
      coalesce(bool_or(entry.halal_status = 'doubtful'), false) as has_doubtful,
      coalesce(bool_or(label.code is not null and coalesce(entry.halal_status, 'unknown') = 'unknown'), false) as has_unknown
    from (select) as one
    left join certifiers c on c.id = p.certifier_id
    left join unnest(p.additives) as label(code) on true
    left join lateral (
      select a.halal_status from additives a
      where a.code in (label.code, substring(label.code from '^E[0-9]+[a-hj-uwyz]'), substring(label.code from '^E[0-9]+'))
      order by length(a.code) desc limit 1
    ) as entry on true
    group by c.trust_score
  ) as facts cross join lateral (
    select 'haram' as status,
      case when facts.has_haram then greatest(facts.own_confidence, 0.9) else facts.own_confidence end as confidence
    where facts.own = 'haram'
    union all select 'haram', 0.9 where facts.has_haram
    union all select 'halal', facts.trust where facts.certified and not facts.in_store
    union all select 'doubtful', facts.own_confidence where facts.own = 'doubtful'
    union all select 'halal', facts.own_confidence where facts.claims_halal and not facts.in_store
    union all select 'doubtful', 0.6 where facts.has_doubtful
    union all select 'unknown', 0
    limit 1
  ) as decided`;

/** A page of a user's favourites, the latest first; removed stores are left out; one row more than `limit`. */
export async function listFavorites(
  db: Db,
  userId: string,
  page: {
    readonly kind: FavoriteKind | undefined;
    readonly limit: number;
    readonly after: ListCursor | null;
  },
): Promise<Favorite[]> {
  const { kind, limit, after } = page;
  const conditions: SQL[] = [
    sql`f.user_id = ${userId}::uuid`,
    sql`(f.kind = 'product' or s.id is not null)`,
    ...(kind === undefined ? [] : [sql`f.kind = ${kind}`]),
    ...(after === null
      ? []
      : [
          sql`f.created_at <= ${after[0]}::timestamptz`,
          sql`(f.created_at < ${after[0]}::timestamptz or (f.kind, f.target_id) > (${after[1]}, ${after[2]}::uuid))`,
        ]),
  ];
  return await db.execute<Favorite & Record<string, unknown>>(sql`
    select f.kind, f.target_id as "id", ${isoInstant(sql`f.created_at`)} as "createdAt",
      case when p.id is not null then json_build_object(
        'id', p.id, 'barcode', p.barcode, 'name', p.name, 'brand', p.brand, 'imageUrl', p.image_url,
        'halalStatus', verdict.status, 'confidenceScore', verdict.confidence, 'additives', p.additives,
        'certifierId', p.certifier_id,
        'attribution', json_build_object('name', d.name, 'licence', d.licence, 'attribution', d.attribution, 'url', d.url)
      ) end as "product",
      case when s.id is not null then json_build_object(
        'id', s.id, 'name', s.name, 'storeType', s.store_type, 'address', s.address, 'city', s.city,
        'postalCode', s.postal_code, 'country', s.country, 'phone', s.phone, 'website', s.website,
        'imageUrl', s.image_url, 'latitude', s.latitude, 'longitude', s.longitude,
        'halalCertified', s.halal_certified, 'certifierId', s.certifier_id, 'averageRating', s.average_rating
      ) end as "store"
    from favorites f
    left join products p on p.id = f.product_id
    left join lateral (${verdictOfProduct}) as verdict on p.id is not null
    left join data_sources d on d.id = p.source
    left join stores s on s.id = f.store_id and s.removed_at is null
    where ${sql.join(conditions, sql` and `)}
    order by f.created_at desc, f.kind, f.target_id
    limit ${limit + 1}`);
}

/**
 * Merges changes with those that were told before, in whatever order they come; tells of each what holds then.
 * No item may be among the changes twice. All in one statement, which holds up the user's other ones.
 */
export async function changeFavorites(
  db: Db,
  userId: string,
  changes: readonly FavoriteChange[],
): Promise<ChangedFavorite[]> {
  return await db.execute<ChangedFavorite & Record<string, unknown>>(sql`
    select kind, id, is_known as "isKnown", was_favorite as "wasFavorite", is_favorite as "isFavorite"
    from change_favorites(${userId}::uuid, ${JSON.stringify(changes)}::jsonb)`);
}
