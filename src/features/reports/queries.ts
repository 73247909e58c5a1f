import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { ReportKind, ReportState } from "../../db/tables/vocabulary.ts";
import type { CreateInput, PageCursor, Report, ReportCase } from "./schemas.ts";

/** The reporter: a user, or a guest by the id in their token. */
export interface Reporter {
  readonly id: string;
  readonly isGuest: boolean;
}

/** The outcome of a report that was sent. */
export interface CreatedReport {
  readonly status: "recorded" | "known" | "too_many" | "no_store";
  readonly kind: ReportKind;
  readonly barcode: string | null;
  readonly storeId: string | null;
  readonly createdAt: string;
}

/** The key that signs guests' tokens. */
export async function findGuestSecret(db: Db): Promise<Buffer> {
  const [row] = await db.execute<{ secret: string }>(
    sql`select encode(secret, 'hex') as "secret" from signing_secrets where name = 'guest'`,
  );
  if (row === undefined) throw new Error("signing_secrets has no key for guests");
  return Buffer.from(row.secret, "hex");
}

/** Records a report once. Units: `dailyMax` in reports of this reporter in 24 hours. */
export async function insertReport(
  db: Db,
  reporter: Reporter,
  report: CreateInput,
  dailyMax: number,
): Promise<CreatedReport> {
  const barcode = "barcode" in report ? report.barcode : null;
  const storeId = "storeId" in report ? report.storeId : null;
  const proposed = report.proposed ?? null;
  const [row] = await db.execute<CreatedReport & Record<string, unknown>>(sql`
    select status, recorded_kind as "kind", recorded_barcode as "barcode", recorded_store as "storeId",
      ${isoInstant(sql`recorded_at`)} as "createdAt"
    from create_report(${reporter.id}::uuid, ${reporter.isGuest}, ${report.id}::uuid, ${report.kind}, ${barcode}::char(14),
      ${storeId}::uuid, ${report.text ?? null}, ${proposed === null ? null : JSON.stringify(proposed)}::jsonb, ${dailyMax}::int)`);
  if (row === undefined) throw new Error("the report gave no row");
  return row;
}

/** A page of a reporter's reports, the latest first, with what became of each; one row more than `limit`. */
export async function listReports(
  db: Db,
  reporter: Reporter,
  { limit, after }: { readonly limit: number; readonly after: PageCursor | null },
): Promise<Report[]> {
  const beyond =
    after === null
      ? sql``
      : sql`and (created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  return await db.execute<Report & Record<string, unknown>>(sql`
    select r.id, r.kind, r.barcode, r.store_id as "storeId", r.text, r.proposed,
      ${isoInstant(sql`r.created_at`)} as "createdAt", coalesce(c.state, 'open') as "state", c.note,
      ${isoInstant(sql`c.resolved_at`)} as "resolvedAt"
    from (
      select * from reports where user_id = ${reporter.id}::uuid and is_guest = ${reporter.isGuest} ${beyond}
      order by created_at desc, id desc limit ${limit + 1}
    ) as r left join report_cases c on c.id = r.case_id
    order by r.created_at desc, r.id desc`);
}

/** Deletes all reports of a guest; gives how many there were. */
export async function eraseGuestReports(db: Db, guestId: string): Promise<number> {
  const rows = await db.execute(
    sql`delete from reports where user_id = ${guestId}::uuid and is_guest returning 1`,
  );
  return rows.length;
}

const TEXTS_MAX = 20;
const PROPOSALS_MAX = 20;

/** A page of the cases in a state, the latest first, without those whose reporters are all gone; one row more than `limit`. */
export async function listCases(
  db: Db,
  page: {
    readonly state: ReportState;
    readonly kind: ReportKind | null;
    readonly limit: number;
    readonly after: PageCursor | null;
  },
): Promise<ReportCase[]> {
  const { state, kind, limit, after } = page;
  const conditions: SQL[] = [
    sql`c.state = ${state}`,
    sql`(c.state <> 'open' or exists (select from reports r where r.case_id = c.id))`,
    ...(kind === null ? [] : [sql`c.kind = ${kind}`]),
    ...(after === null
      ? []
      : [sql`(c.created_at, c.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`]),
  ];
  return await db.execute<ReportCase & Record<string, unknown>>(sql`
    select c.id, c.kind, c.barcode, c.store_id as "storeId", c.state, c.revision, people.count, people.guests as "guestCount",
      coalesce((select coalesce(p.name, p.brand) from products p where p.barcode = c.barcode),
        (select s.name from stores s where s.id = c.store_id)) as "name",
      coalesce((
        select json_agg(json_build_object('proposed', proposed, 'count', times) order by times desc, proposed::text)
        from (
          select r.proposed, count(distinct r.user_id)::int as times from reports r
          where r.case_id = c.id and r.proposed is not null
          group by r.proposed order by times desc limit ${PROPOSALS_MAX}
        ) as different
      ), '[]') as "proposals",
      coalesce((
        select json_agg(json_build_object('text', text, 'isGuest', is_guest, 'createdAt', ${isoInstant(sql`created_at`)})
          order by created_at desc)
        from (
          select r.text, r.is_guest, r.created_at from reports r where r.case_id = c.id and r.text is not null
          order by r.created_at desc limit ${TEXTS_MAX}
        ) as latest
      ), '[]') as "texts",
      ${isoInstant(sql`c.created_at`)} as "createdAt", ${isoInstant(sql`c.updated_at`)} as "updatedAt",
      c.note, c.resolved_by as "resolvedBy", ${isoInstant(sql`c.resolved_at`)} as "resolvedAt"
    from (
      select * from report_cases c where ${sql.join(conditions, sql` and `)}
      order by c.created_at desc, c.id desc limit ${limit + 1}
    ) as c
    cross join lateral (
      select count(distinct r.user_id)::int as "count", count(distinct r.user_id) filter (where r.is_guest)::int as guests
      from reports r where r.case_id = c.id
    ) as people
    order by c.created_at desc, c.id desc`);
}
