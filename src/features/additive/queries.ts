import { eq, type SQL, sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { isoInstant, textArray } from "../../db/sql-fragments.ts";
import { additives } from "../../db/tables/additives.ts";
import type { WrittenAdditive } from "./schemas.ts";

/** An additive as it is cached: explained as it was written, and in other languages. */
export interface AdditiveRow extends WrittenAdditive {
  /** The data source whose attribution the row has. */
  readonly dataSourceId: string | null;
}

const storedRulings = sql`(
  select json_agg(json_build_object('madhab', r.madhab, 'halalStatus', r.halal_status,
    'explanation', r.explanation, 'explanationLanguage', r.explanation_language,
    'explanationTexts', r.explanation_texts, 'source', r.source) order by r.madhab)
  from additive_rulings r where r.additive_code = a.code)`;

/** An additive of the alias `a` as JSON. */
export function additiveJson(rulings: SQL = storedRulings): SQL {
  return sql`json_build_object(
    'code', a.code, 'names', json_build_object('en', a.name_en, 'fr', a.name_fr, 'ar', a.name_ar),
    'category', a.category, 'origin', a.origin, 'halalStatus', a.halal_status, 'explanation', a.explanation,
    'explanationLanguage', a.explanation_language, 'explanationTexts', a.explanation_texts,
    'source', a.status_source, 'vegan', a.vegan, 'vegetarian', a.vegetarian, 'parents', a.parents,
    'rulings', coalesce(${rulings}, '[]'), 'dataSourceId', a.source,
    'attribution', (
      select json_build_object('name', d.name, 'licence', d.licence, 'attribution', d.attribution, 'url', d.url)
      from data_sources d where d.id = a.source),
    'createdAt', ${isoInstant(sql`a.created_at`)}, 'updatedAt', ${isoInstant(sql`a.updated_at`)})`;
}

/** The first of some codes that has an entry, or null. */
export async function findAdditive(
  db: Db,
  codes: readonly string[],
): Promise<Loaded<AdditiveRow | null>> {
  const [row] = await db.execute<{ snapshot: string; additive: AdditiveRow | null }>(sql`
    select pg_current_snapshot()::text as "snapshot", (
      select ${additiveJson()} from additives a
      where a.code = any (${textArray(codes)})
      order by array_position(${textArray(codes)}, a.code) limit 1
    ) as "additive"`);
  if (row === undefined) throw new Error("the additive's query gave no row");
  return { value: row.additive, snapshot: row.snapshot };
}

/** All additives, and which transactions they show. */
export interface AllAdditives {
  /** Every transaction below this number had ended. */
  readonly endedBelow: number;
  /** By code. */
  readonly items: readonly AdditiveRow[];
}

/** More than there are codes; the bound of a list without pages. */
const ADDITIVES_MAX = 5_000;

/** All additives by code; at most `ADDITIVES_MAX`. */
export async function listAdditives(db: Db): Promise<Loaded<AllAdditives>> {
  const [row] = await db.execute<{
    snapshot: string;
    endedBelow: number;
    items: AdditiveRow[];
  }>(sql`
    select pg_current_snapshot()::text as "snapshot",
      pg_snapshot_xmin(pg_current_snapshot())::text::float8 as "endedBelow", coalesce((
        select json_agg(${additiveJson()} order by a.code collate "C")
        from (select * from additives order by code collate "C" limit ${ADDITIVES_MAX}) as a
      ), '[]') as "items"`);
  if (row === undefined) throw new Error("the additives' query gave no row");
  const { snapshot, endedBelow, items } = row;
  return { value: { endedBelow, items }, snapshot };
}

/** Removes an additive and its rulings. False when there was none. */
export async function removeAdditive(db: Db, code: string): Promise<boolean> {
  const removed = await db
    .delete(additives)
    .where(eq(additives.code, code))
    .returning({ code: additives.code });
  return removed.length > 0;
}
