import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { VerdictReason } from "../../db/tables/products.ts";
import type {
  HalalStatus,
  ReportKind,
  ReportState,
  StoreType,
} from "../../db/tables/vocabulary.ts";
import { textArray } from "../../db/sql-fragments.ts";

/** A case, held until the transaction ends. */
export interface HeldCase {
  readonly kind: ReportKind;
  readonly barcode: string | null;
  readonly storeId: string | null;
  readonly state: ReportState;
  readonly revision: number;
  readonly resolvedBy: string | null;
  /** The different proposals of its reporters. */
  readonly proposals: readonly Record<string, unknown>[];
}

/** Locks a case, so that of two administrators one decides; null when there is none. */
export async function holdCase(db: Db, id: string): Promise<HeldCase | null> {
  // The lock is a statement of its own: the next one sees what was committed while this one waited.
  const locked = await db.execute(sql`select from report_cases where id = ${id}::uuid for update`);
  if (locked.length === 0) return null;
  const [row] = await db.execute<HeldCase & Record<string, unknown>>(sql`
    select c.kind, c.barcode, c.store_id as "storeId", c.state, c.revision, c.resolved_by as "resolvedBy",
      coalesce((
        select json_agg(distinct r.proposed::jsonb) from reports r where r.case_id = c.id and r.proposed is not null
      ), '[]') as "proposals"
    from report_cases c where c.id = ${id}::uuid`);
  return row ?? null;
}

/** Closes a case. */
export async function closeCase(
  db: Db,
  id: string,
  decision: {
    readonly state: Exclude<ReportState, "open">;
    readonly note: string | null;
    readonly resolvedBy: string;
    readonly now: Date;
  },
): Promise<void> {
  await db.execute(sql`
    update report_cases set state = ${decision.state}, note = ${decision.note},
      resolved_by = ${decision.resolvedBy}::uuid, resolved_at = ${decision.now.toISOString()}::timestamptz
    where id = ${id}::uuid`);
}

/** The fields of a product that an accepted report may change. */
export interface ProductCorrection {
  readonly halalStatus?: HalalStatus;
  readonly confidenceScore?: number;
  readonly reasons?: readonly VerdictReason[];
  readonly name?: string;
  readonly brand?: string | undefined;
  readonly imageUrl?: string | undefined;
  readonly ingredients?: string | undefined;
  readonly additives?: readonly string[] | undefined;
}

function productColumns(correction: ProductCorrection): readonly (readonly [string, SQL])[] {
  const { reasons, additives } = correction;
  const isRead = correction.name !== undefined || correction.ingredients !== undefined;
  const columns: readonly (readonly [string, SQL | undefined])[] = [
    ["halal_status", given(correction.halalStatus)],
    ["confidence_score", given(correction.confidenceScore)],
    ["reasons", reasons && sql`${JSON.stringify(reasons)}::jsonb`],
    ["name", given(correction.name)],
    ["brand", given(correction.brand)],
    ["image_url", given(correction.imageUrl)],
    ["ingredients", given(correction.ingredients)],
    // A list in another language may be the one that was wrong.
    ["ingredient_texts", correction.ingredients === undefined ? undefined : sql`'{}'::jsonb`],
    ["additives", additives && textArray(additives)],
    ["source", sql`'admin'`],
    // Findings of another text do not hold for this one.
    ["findings", isRead ? sql`null` : undefined],
    ["name_finding", isRead ? sql`null` : undefined],
    ["analysis_version", sql`null`],
    ["computed_version", sql`null`],
  ];
  return columns.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

const given = (value: string | number | undefined): SQL | undefined =>
  value === undefined ? undefined : sql`${value}`;

/** Corrects a product, or with `mayInsert` makes it; tells whether it is there. Units: canonical GTIN-14. */
export async function correctProduct(
  db: Db,
  barcode: string,
  correction: ProductCorrection,
  { mayInsert }: { readonly mayInsert: boolean },
): Promise<boolean> {
  const columns = productColumns(correction);
  const changes = columns.map(([name, value]) => sql`${sql.identifier(name)} = ${value}`);
  const updated = await db.execute(
    sql`update products set ${sql.join(changes, sql`, `)} where barcode = ${barcode} returning id`,
  );
  if (updated.length > 0 || !mayInsert) return updated.length > 0;
  const names = columns.map(([name]) => sql.identifier(name));
  const values = columns.map(([, value]) => value);
  const inserted = await db.execute(sql`
    insert into products (barcode, ${sql.join(names, sql`, `)}) values (${barcode}, ${sql.join(values, sql`, `)})
    on conflict (barcode) do update set ${sql.join(changes, sql`, `)} returning id`);
  return inserted.length > 0;
}

/** The fields of a store that an accepted report may change. */
export interface StoreCorrection {
  readonly name?: string | undefined;
  readonly storeType?: StoreType | undefined;
  readonly address?: string | undefined;
  readonly city?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly phone?: string | undefined;
  readonly website?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly timeZone?: string | undefined;
}

/** Corrects a store that is not removed; tells whether it is there. */
export async function correctStore(
  db: Db,
  id: string,
  correction: StoreCorrection,
): Promise<boolean> {
  const columns: readonly (readonly [string, string | number | undefined])[] = [
    ["name", correction.name],
    ["store_type", correction.storeType],
    ["address", correction.address],
    ["city", correction.city],
    ["postal_code", correction.postalCode],
    ["phone", correction.phone],
    ["website", correction.website],
    ["latitude", correction.latitude],
    ["longitude", correction.longitude],
    ["time_zone", correction.timeZone],
  ];
  const changes = columns.flatMap(([name, value]) =>
    value === undefined ? [] : [sql`${sql.identifier(name)} = ${value}`],
  );
  const updated = await db.execute(sql`
    update stores set ${sql.join(changes, sql`, `)} where id = ${id}::uuid and removed_at is null returning id`);
  return updated.length > 0;
}

/** Hides a store everywhere; does nothing to one that is hidden. */
export async function hideStore(db: Db, id: string): Promise<void> {
  await db.execute(
    sql`update stores set removed_at = now() where id = ${id}::uuid and removed_at is null`,
  );
}
