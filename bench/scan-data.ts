import type postgres from "postgres";
import { benchBarcode } from "../src/seed/load-test-rows.ts";
import { withoutIndexes } from "./data.ts";
import type { BenchStack } from "./stack.ts";

/** How many rows to create; the number of users follows from the scans. */
export interface ScanAmounts {
  readonly products: number;
  readonly scans: number;
}

/** A user has 10 to 2,000 scans with uniformly distributed logarithms, so few users have very many. */
const SCANS_MIN = 10;
const SCANS_RATIO = 200;
/** Inserts that run in parallel, because a backend of PostgreSQL uses one core. */
const PARTS = 2;
const SCANS_MEAN = (SCANS_MIN * (SCANS_RATIO - 1)) / Math.log(SCANS_RATIO);
/** Weights of the digits before the last one. Source: GS1 General Specifications, check digit of a GTIN. */
const BARCODE_FUNCTION = `
  create function bench_barcode(number int) returns text language sql immutable return
    '09521' || lpad(number::text, 8, '0') || (10 - (0 * 3 + 9 * 1 + 5 * 3 + 2 * 1 + 1 * 3
      + number / 10000000 % 10 + 3 * (number / 1000000 % 10) + number / 100000 % 10 + 3 * (number / 10000 % 10)
      + number / 1000 % 10 + 3 * (number / 100 % 10) + number / 10 % 10 + 3 * (number % 10)) % 10) % 10`;

/** Creates products and two years of scans inside the database, because they are millions of rows; equal in every run. */
export async function loadScans(
  stack: BenchStack,
  database: string,
  { products, scans }: ScanAmounts,
): Promise<void> {
  const users = Math.round(scans / SCANS_MEAN);
  const usersEach = Math.ceil(users / PARTS);
  await withoutIndexes(stack, database, async (sql) => {
    await sql`
      insert into data_sources (id, name, licence, attribution)
      values ('bench', 'Made up for load tests', 'CC0-1.0', 'none') on conflict do nothing`;
    await sql.unsafe(BARCODE_FUNCTION);
    // Maintained row by row, an index of random ids writes more to the log than the rows do.
    await sql.unsafe("alter table scans drop constraint scans_user_id_id_pk");
    await insertProducts(sql, products);
    await Promise.all(
      Array.from({ length: PARTS }, (_, part) =>
        insertScans(sql, products, 1 + part * usersEach, Math.min(users, (part + 1) * usersEach)),
      ),
    );
    await sql.unsafe(
      "alter table scans add constraint scans_user_id_id_pk primary key (user_id, id)",
    );
    await sql.unsafe("drop function bench_barcode");
  });
}

async function insertProducts(sql: postgres.Sql, products: number): Promise<void> {
  await sql`
    insert into products (barcode, name, names, brand, halal_status, confidence_score, additives, ingredients, labels, source)
    select bench_barcode(n), 'Product ' || n, jsonb_build_object('en', 'Product ' || n), 'Brand ' || 1 + n % 5000,
      case when n % 10 < 7 then 'unknown' when n % 10 < 9 then 'halal' else 'doubtful' end,
      case when n % 10 < 7 then 0 else 0.8 end,
      (array['E100', 'E120', 'E202', 'E322', 'E330', 'E407', 'E412', 'E471', 'E500', 'E621'])[1 + n % 9:n % 13],
      'water, sugar, salt', case when n % 10 in (7, 8) then array['en:halal'] else '{}' end, 'bench'
    from generate_series(0, ${products - 1}::int) as n`;
  const [one] = await sql<{ barcode: string }[]>`
    select barcode from products where name = 'Product 1234'`;
  if (one?.barcode !== benchBarcode(1234)) throw new Error("the check digits are wrong");
}

async function insertScans(
  pool: postgres.Sql,
  products: number,
  firstUser: number,
  lastUser: number,
): Promise<void> {
  const reason = {
    code: "not_enough_evidence",
    message: "What is known of this product settles neither halal nor haram.",
    source: "Rules of this project",
  };
  await pool.begin(async (sql) => {
    await sql`select setseed(1.0 / ${firstUser}::int)`;
    await sql`
      insert into scans (user_id, id, barcode, scanned_at, recorded_at, halal_status, confidence, reasons)
      select user_id, md5(user_id || '-' || i)::uuid, bench_barcode(floor(chance ^ 2 * ${products}::int)::int), at, at,
        'unknown', 0, ${sql.json([reason])}
      from (
        select md5('bench user ' || u)::uuid as user_id, i, random() as chance,
          '2026-11-01'::timestamptz - random() * interval '730 days' as at
        from (
          select u, floor(${SCANS_MIN}::int * ${SCANS_RATIO}::int ^ random())::int as count
          from generate_series(${firstUser}::int, ${lastUser}::int) as u
        ) as users, generate_series(1, count) as i
      ) as chosen`;
  });
}
