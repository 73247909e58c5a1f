import { type SQL, sql } from "drizzle-orm";
import type { Position } from "../../geo/position.ts";
import type { StoreFilter } from "./filters.ts";

/**
 * The columns of a `StoreSummary` that `stores` has beside `certifierNames`; and last the names in other languages, of which one may
 * be shown instead, and what tells whether the store is open.
 */
export const summaryColumns = sql.raw(`
  id, name, latitude, longitude, store_type as "storeType", halal_certified as "halalCertified", address, city,
  postal_code as "postalCode", country, phone, website, image_url as "imageUrl", certifier_id as "certifierId",
  average_rating as "averageRating", halal_claim as "halalClaim", certifier_name as "certifierName", review_count as "reviewCount",
  names, opening_hours as "openingHours", time_zone as "timeZone"`);

/** Stands behind `stores` for `summaryColumns`. */
export const certifierNames = sql.raw(
  `left join (select id as named_id, name as certifier_name from certifiers) as named on named_id = certifier_id`,
);

/** A position as the database has it. */
export function point({ latitude, longitude }: Position): SQL {
  return sql`ST_SetSRID(ST_MakePoint(${longitude}::float8, ${latitude}::float8), 4326)::geography`;
}

/** In literals where a partial index is to be used: its condition must be known when the statement is planned. */
export function visibleStores(filter: StoreFilter): SQL {
  return sql`${indexedStores(filter)}${otherConditions(filter)}`;
}

/** The conditions of `visibleStores` that indexes have. */
export function indexedStores({
  storeType,
  halalCertifiedOnly,
}: Pick<StoreFilter, "storeType" | "halalCertifiedOnly">): SQL {
  return sql.join(
    [
      sql`removed_at is null`,
      ...(halalCertifiedOnly ? [sql`halal_certified`] : []),
      ...(storeType === undefined ? [] : [sql`store_type = ${storeType}`]),
    ],
    sql` and `,
  );
}

/** The columns that `otherConditions` and the conditions of opening hours read. */
export const filteredColumns = sql.raw(
  `certifier_id, average_rating, halal_claim, opening_hours, time_zone, country, latitude, longitude`,
);

/** The other conditions of `visibleStores`, each with an `and` before it. */
export function otherConditions(filter: StoreFilter): SQL {
  const { certifierIds, minRating, halalClaim, hasHours } = filter;
  const oneOf = (values: readonly string[]) =>
    sql.join(
      values.map((value) => sql`${value}`),
      sql`, `,
    );
  return sql.join([
    ...(certifierIds === undefined ? [] : [sql` and certifier_id in (${oneOf(certifierIds)})`]),
    ...(minRating === undefined ? [] : [sql` and average_rating >= ${minRating}::real`]),
    ...(halalClaim === undefined ? [] : [sql` and halal_claim in (${oneOf(halalClaim)})`]),
    ...(hasHours === true ? [sql` and opening_hours is not null`] : []),
  ]);
}
