import type { HalalClaim, StoreType } from "../../db/tables/vocabulary.ts";

/** Which stores an entry or a statement is about; undefined: all. */
export interface StoreFilter {
  readonly storeType: StoreType | undefined;
  readonly halalCertifiedOnly: boolean;
  /** In order, each once. */
  readonly certifierIds?: readonly string[] | undefined;
  /** Units: stars, 0–5. */
  readonly minRating?: number | undefined;
  readonly halalClaim?: readonly HalalClaim[] | undefined;
  /** Only stores whose opening hours are known. */
  readonly hasHours?: boolean | undefined;
}

/** The filters of a call as its input has them. */
export interface AskedFilter {
  readonly storeType: StoreType | undefined;
  readonly halalCertifiedOnly: boolean;
  readonly certifierIds: readonly string[] | undefined;
  readonly minRating: number | undefined;
  readonly halalClaim: readonly HalalClaim[] | undefined;
  readonly openNow: boolean;
}

/** The facts of a store that filters ask for. */
export interface StoreFacts {
  readonly certifierId: string | null;
  readonly averageRating: number | null;
  readonly halalClaim: HalalClaim | null;
}

const ordered = <T extends string>(items: readonly T[] | undefined) =>
  items === undefined ? undefined : [...new Set(items)].toSorted((a, b) => (a < b ? -1 : 1));

/** The part of a call's filters that the database can decide: that a store is open now it cannot, that its hours are known it can. */
export function filterOf(asked: AskedFilter): StoreFilter {
  const { storeType, halalCertifiedOnly, minRating } = asked;
  return {
    storeType,
    halalCertifiedOnly,
    certifierIds: ordered(asked.certifierIds),
    // Ratings are kept in single precision.
    minRating: minRating === undefined ? undefined : Math.fround(minRating),
    halalClaim: ordered(asked.halalClaim),
    hasHours: asked.openNow,
  };
}

/** Whether an index leads to the stores of a filter alone, nearest first. */
export function isIndexed(filter: StoreFilter): boolean {
  const { certifierIds, minRating, halalClaim, hasHours = false } = filter;
  return (
    certifierIds === undefined && minRating === undefined && halalClaim === undefined && !hasHours
  );
}

/** The filters that no index has, as a part of an entry's key; empty for none. */
export function filterKey({ certifierIds, minRating, halalClaim, hasHours }: StoreFilter): string {
  return [
    ...(certifierIds === undefined ? [] : [`:by=${certifierIds.join(",")}`]),
    ...(minRating === undefined ? [] : [`:rated=${minRating}`]),
    ...(halalClaim === undefined ? [] : [`:claim=${halalClaim.join(",")}`]),
    ...(hasHours === true ? [":hours"] : []),
  ].join("");
}

/** Whether a store passes the filters that no index has, but for its hours. */
export function passes(
  { certifierId, averageRating, halalClaim }: StoreFacts,
  filter: StoreFilter,
): boolean {
  const { certifierIds, minRating, halalClaim: claims } = filter;
  if (certifierIds !== undefined && (certifierId === null || !certifierIds.includes(certifierId)))
    return false;
  if (minRating !== undefined && (averageRating === null || Math.fround(averageRating) < minRating))
    return false;
  return claims === undefined || (halalClaim !== null && claims.includes(halalClaim));
}
