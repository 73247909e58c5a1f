import { sql } from "drizzle-orm";
import type { CachedQuery } from "../cache/policy.ts";
import { type CacheContext, withCache } from "../cache/with-cache.ts";
import { Rulings, type RulingsData } from "./rulings.ts";
import { RULINGS_SQL, type RulingsRow } from "./rulings-query.ts";

/** The size of an entry with its place in a map. Units: bytes. Source: measured on the taxonomy of 2023. */
const SUBSTANCE_BYTES = 780;
const RULING_BYTES = 560;
const ADDITIVE_BYTES = 860;

/** All rulings in memory, until the journal tells of a change of one, of a substance or of an additive. */
export const rulingsPolicy: CachedQuery<null, Rulings> = {
  name: "rulings",
  shape: "rulings-2",
  key: () => "rulings:all",
  isAffected: (event, _parameters, value) => {
    switch (event.topic) {
      case "ruling":
      case "additive":
        return true;
      case "source":
        return (
          value === undefined ||
          value.data.additives.some(({ dataSourceId }) => dataSourceId === event.ref)
        );
      default:
        return false;
    }
  },
  query: async (db) => {
    const [row] = await db.execute<RulingsRow & Record<string, unknown>>(sql.raw(RULINGS_SQL));
    if (row === undefined) throw new Error("the rulings' query gave no row");
    return { value: new Rulings(row.data), snapshot: row.snapshot };
  },
  encode: ({ data }) => Buffer.from(JSON.stringify(data)),
  decode: (payload) => new Rulings(JSON.parse(payload.toString()) as RulingsData),
  memory: ({ data }) => ({
    ownBytes:
      data.substances.length * SUBSTANCE_BYTES +
      data.rulings.length * RULING_BYTES +
      data.additives.length * ADDITIVE_BYTES,
    parts: [],
  }),
};

/**
 * The rulings of the moment. An answer that rests on them is not a cached one: they add nothing to the call's own parts.
 * Errors: those of the database.
 */
export async function currentRulings({
  cache,
  reads,
}: Omit<CacheContext, "answers">): Promise<Rulings> {
  const { value } = await withCache({ cache, reads, answers: [] }, rulingsPolicy, null);
  return value;
}
