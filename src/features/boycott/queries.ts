import { eq, sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { constraintViolation } from "../../db/client/errors.ts";
import { isoInstant, textArray } from "../../db/sql-fragments.ts";
import { boycottTargets } from "../../db/tables/boycotts.ts";
import { AppError } from "../../errors.ts";
import type { BoycottTarget, MatchedTarget, UpsertTargetInput } from "./schemas.ts";
import { text } from "../../texts/text.ts";

/** The most items of a list without pages. */
const TARGETS_MAX = 1_000;
export const MATCHES_MAX = 100;

const targetFields = sql`
  'id', id, 'companyName', company_name, 'brands', brands, 'parentCompany', parent_company, 'level', level,
  'reasons', reasons, 'sourceUrl', source_url, 'gtinPrefixes', gtin_prefixes, 'active', active,
  'createdAt', ${isoInstant(sql`created_at`)}, 'updatedAt', ${isoInstant(sql`updated_at`)}`;

/** A target with the keys of its names, as `normalize_texts` makes them. */
export interface KeyedTarget extends BoycottTarget {
  readonly keys: {
    readonly company: readonly string[];
    readonly brands: readonly string[];
    readonly parent: readonly string[];
    /** All of them. */
    readonly match: readonly string[];
  };
}

/** The active targets of a moment. */
export interface ActiveTargets {
  /** By company; at most 1,000. */
  readonly targets: readonly KeyedTarget[];
  /** Whether there are no others. */
  readonly isWhole: boolean;
}

/** The active targets by company; at most 1,000. */
export async function listTargets(db: Db): Promise<Loaded<ActiveTargets>> {
  const [row] = await db.execute<{ snapshot: string; items: KeyedTarget[] }>(sql`
    select pg_current_snapshot()::text as "snapshot", coalesce((
      select json_agg(json_build_object(${targetFields}, 'keys', json_build_object(
        'company', normalize_texts(array[company_name]), 'brands', normalize_texts(brands),
        'parent', coalesce(normalize_texts(array[parent_company]), '{}'), 'match', match_keys
      )) order by company_key collate "C")
      from (
        select * from boycott_targets where active order by company_key collate "C" limit ${TARGETS_MAX + 1}
      ) as t
    ), '[]') as "items"`);
  if (row === undefined) throw new Error("the boycott targets' query gave no row");
  const targets = row.items.slice(0, TARGETS_MAX);
  return {
    value: { targets, isWhole: targets.length === row.items.length },
    snapshot: row.snapshot,
  };
}

/** One target, active or not; null when there is none. */
export async function findTarget(db: Db, id: string): Promise<BoycottTarget | null> {
  const [row] = await db.execute<{ target: BoycottTarget }>(sql`
    select json_build_object(${targetFields}) as "target" from boycott_targets where id = ${id}::uuid`);
  return row?.target ?? null;
}

/** The parts of a question about a product: any of them may be missing. */
export interface TargetQuestion {
  readonly brand: string | null;
  readonly gtin14: string | null;
  readonly gtinPrefixes: readonly string[];
}

/**
 * The active targets that a brand, or the brand of the product with this barcode, belongs to, the surest first.
 * Names are the same when `normalize_texts` gives them a key in common; the active parent of a company found so is
 * found as well.
 */
export async function matchTargets(
  db: Db,
  { brand, gtin14, gtinPrefixes }: TargetQuestion,
): Promise<MatchedTarget[]> {
  const [row] = await db.execute<{ targets: MatchedTarget[] }>(sql`
    with written as (
      select ${brand}::text as name
      union all
      select brand from products where barcode = ${gtin14}::char(14)
    ), asked as materialized (
      select
        coalesce(array_agg(distinct key), '{}') as keys,
        ${textArray(gtinPrefixes)} as prefixes
      from written
        cross join lateral unnest(brand_keys(name)) as key
    ), direct as materialized (
      select t.*, case
          when normalize_texts(array[company_name]) && asked.keys then 1
          when normalize_texts(brands) && asked.keys then 2
          when match_keys && asked.keys then 3
          else 4
        end as rank
      from asked join boycott_targets t
        on t.active and (t.match_keys && asked.keys or t.gtin_prefixes && asked.prefixes)
    ), matched as (
      select * from direct
      union all
      select t.*, 3 from boycott_targets t
        join (
          select distinct normalize_texts(array[parent_company]) as keys from direct
          where rank <= 2 and parent_company is not null
        ) as parent on t.match_keys && parent.keys and normalize_texts(array[t.company_name]) && parent.keys
      where t.active
    ), surest as (
      select distinct on (id) * from matched order by id, rank
    )
    select coalesce(json_agg(json_build_object(${targetFields}, 'matchedBy',
        (array['company', 'brand', 'parent', 'gtin_prefix'])[rank]) order by rank, company_key collate "C"), '[]') as "targets"
    from (select * from surest order by rank, company_key collate "C" limit ${MATCHES_MAX}) as t`);
  if (row === undefined) throw new Error("the boycott check gave no row");
  return row.targets;
}

/**
 * Makes or changes a target, by its id or else by its company's name; columns that are undefined keep what they have.
 * Errors: CONFLICT when another target has the company's name.
 */
export async function upsertTarget(db: Db, input: UpsertTargetInput): Promise<BoycottTarget> {
  const { id, brands, parentCompany, reasons, sourceUrl, gtinPrefixes, active } = input;
  const columns = {
    companyName: input.companyName,
    level: input.level,
    ...(brands === undefined ? {} : { brands }),
    ...(parentCompany === undefined ? {} : { parentCompany }),
    ...(reasons === undefined ? {} : { reasons }),
    ...(sourceUrl === undefined ? {} : { sourceUrl }),
    ...(gtinPrefixes === undefined ? {} : { gtinPrefixes }),
    ...(active === undefined ? {} : { active }),
  };
  try {
    const [row] = await db
      .insert(boycottTargets)
      .values(id === undefined ? columns : { id, ...columns })
      .onConflictDoUpdate({
        target: id === undefined ? boycottTargets.companyKey : boycottTargets.id,
        set: columns,
      })
      .returning({ target: sql<BoycottTarget>`json_build_object(${targetFields})` });
    if (row === undefined) throw new Error("the target's upsert gave no row");
    return row.target;
  } catch (error) {
    if (constraintViolation(error)?.kind === "unique") {
      throw new AppError("CONFLICT", text("boycott_name_taken"), { cause: error });
    }
    throw error;
  }
}

/** Removes a target. False when there was none. */
export async function removeTarget(db: Db, id: string): Promise<boolean> {
  const removed = await db
    .delete(boycottTargets)
    .where(eq(boycottTargets.id, id))
    .returning({ id: boycottTargets.id });
  return removed.length > 0;
}
