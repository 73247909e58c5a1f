import { loadModule, parseSync } from "libpg-query";
import { beforeAll, expect, it } from "vitest";
import { breachesOf, type Tables } from "../../support/users-tables/statement-rules.ts";

const TABLES: Tables = {
  users: new Set(["scans", "favorites", "devices"]),
  distributed: new Set(["scans", "favorites"]),
  all: new Set(["scans", "favorites", "devices", "products", "stores"]),
};
const ME = "00000000-0000-4000-8000-000000000001";
const rulesOf = (text: string, values: readonly unknown[] = [ME]) =>
  breachesOf(parseSync(text), TABLES, { values, userId: ME }).map(({ rule }) => rule);

beforeAll(() => loadModule());

it.each([
  ["S1", "select * from scans"],
  ["S1", "select * from scans where barcode = $1"],
  ["S1", "select * from scans where user_id = $1 or true"],
  ["S1", "select * from scans where user_id = any ($1)"],
  ["S1", "select * from scans s join favorites f on f.user_id = s.user_id where s.user_id = $1"],
  ["S1", "select (select count(*) from favorites) from scans where user_id = $1"],
  ["S1", "select * from (select * from scans) as s where s.user_id = $1"],
  ["S1", "update scans set user_id = $1 where user_id = $1"],
  [
    "S1",
    "insert into scans (user_id) values ($1) on conflict (user_id) do update set user_id = excluded.user_id",
  ],
  ["S1", "insert into scans (user_id) select user_id from favorites where user_id = $1"],
  ["S1", "insert into scans (user_id) values ($1), (gen_random_uuid())"],
  ["S1", "delete from scans"],
  ["S1", "with gone as (delete from scans returning 1) select count(*) from gone"],
  ["S1", "delete from devices"],
  ["S2", "select * from scans s join products p on p.barcode = s.barcode where s.user_id = $1"],
  [
    "S2",
    "select * from (select * from scans where user_id = $1) s join products p using (barcode)",
  ],
  ["S2", "select * from (select s.* from scans s, stores where s.user_id = $1 limit 5) as mine"],
  ["S2", "with mine as (select * from scans where user_id = $1) select * from mine, products"],
  [
    "S2",
    "select * from products p where exists (select from favorites f where f.user_id = $1 and f.id = p.id)",
  ],
  ["S2", "insert into favorites (user_id, id) select $1, id from stores"],
  ["S2", "select * from scans s, devices d where s.user_id = $1 and d.user_id = $1"],
  [
    "S3",
    "with mine as materialized (select * from scans where user_id = $1) select * from mine, lateral (with a as (select 1) select * from products, a) as p",
  ],
  [
    "S4",
    "with lock as (select pg_advisory_xact_lock(1)) delete from scans using lock where user_id = $1",
  ],
  ["S4", "select pg_advisory_xact_lock(1), barcode from scans where user_id = $1"],
  ["S5", "select * from scans where user_id = $1 for update"],
  ["S5", "with held as (select * from scans where user_id = $1 for key share) select * from held"],
  ["S6", "update scans set seen_at = scanned_at + interval '1 day' where user_id = $1"],
  ["S6", "update scans set seen_at = scanned_at - make_interval(days => 1) where user_id = $1"],
])("%s: reports %s", (rule, text) => {
  expect([...new Set(rulesOf(text))]).toEqual([rule]);
});

it("S7: reports a statement about another user", () => {
  expect(rulesOf("select * from scans where user_id = $1", ["somebody else"])).toEqual(["S7"]);
  expect(rulesOf("insert into scans (user_id) values ($1), ($2)", [ME, "somebody else"])).toEqual([
    "S7",
  ]);
});

it.each([
  "select * from products, stores",
  "select * from scans where user_id = $1::uuid and barcode = 'x'",
  "select * from scans s join favorites f on f.user_id = $1 and f.id = s.id where s.user_id = $1",
  "with mine as materialized (select * from scans where user_id = $1) select * from mine, products",
  "select * from (select * from scans where user_id = $1 limit 5) as s left join products p using (barcode)",
  "select * from (select * from scans where user_id = $1 offset 0) as s, stores",
  "select pg_advisory_xact_lock(hashtextextended($1::text, 0))",
  "with held as (select * from (select * from scans where user_id = $1 for update) as s) select * from held",
  "insert into scans (user_id, seen_at) values ($1, now() + interval '1 day')",
  "delete from scans where user_id = $1 and seen_at < now() - interval '1 day'",
  "update scans set barcode = 'x' where user_id = $1",
])("has nothing against %s", (text) => {
  expect(rulesOf(text)).toEqual([]);
});
