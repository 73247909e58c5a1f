import { eq, sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import { certifiers } from "../../db/tables/certifiers.ts";
import type { Certifier, UpsertCertifierInput } from "./schemas.ts";

/** More bodies than the world has; what a list without pages must not grow beyond. */
export const CERTIFIERS_MAX = 1_000;

const certifierJson = sql<Certifier>`json_build_object(
  'id', id, 'name', name, 'country', country, 'website', website, 'trustScore', trust_score,
  'trustCriteria', trust_criteria,
  'createdAt', ${isoInstant(sql`created_at`)}, 'updatedAt', ${isoInstant(sql`updated_at`)})`;

/** The certifiers, the most trusted first, then by id; at most `CERTIFIERS_MAX`. */
export async function listCertifiers(db: Db): Promise<Loaded<readonly Certifier[]>> {
  const [row] = await db.execute<{ snapshot: string; items: Certifier[] }>(sql`
    select pg_current_snapshot()::text as "snapshot", coalesce((
      select json_agg(${certifierJson} order by trust_score desc, id collate "C")
      from (select * from certifiers order by trust_score desc, id limit ${CERTIFIERS_MAX}) as c
    ), '[]') as "items"`);
  if (row === undefined) throw new Error("the certifiers' query gave no row");
  return { value: row.items, snapshot: row.snapshot };
}

/** One certifier, or null. */
export async function findCertifier(db: Db, id: string): Promise<Certifier | null> {
  const [row] = await db
    .select({ certifier: certifierJson })
    .from(certifiers)
    .where(eq(certifiers.id, id));
  return row?.certifier ?? null;
}

/** Makes or changes the certifier with this id; columns that are undefined keep what they have. */
export async function upsertCertifier(db: Db, input: UpsertCertifierInput): Promise<Certifier> {
  const { id, name, country, website, trustScore, trustCriteria } = input;
  const columns = {
    name,
    country,
    ...(website === undefined ? {} : { website }),
    ...(trustScore === undefined ? {} : { trustScore }),
    ...(trustCriteria === undefined ? {} : { trustCriteria }),
  };
  const [row] = await db
    .insert(certifiers)
    .values({ id, ...columns })
    .onConflictDoUpdate({ target: certifiers.id, set: columns })
    .returning({ certifier: certifierJson });
  if (row === undefined) throw new Error("the certifier's upsert gave no row");
  return row.certifier;
}

/** Removes a certifier; stores and products that named it name none any more. False when there was none. */
export async function removeCertifier(db: Db, id: string): Promise<boolean> {
  const removed = await db
    .delete(certifiers)
    .where(eq(certifiers.id, id))
    .returning({ id: certifiers.id });
  return removed.length > 0;
}
