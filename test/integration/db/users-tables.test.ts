import { loadModule } from "libpg-query";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStack, type Stack } from "../../support/stack.ts";
import {
  breachesOfCatalog,
  MEANT,
  NOT_DISTRIBUTED,
  readTables,
} from "../../support/users-tables/catalog-rules.ts";

let stack: Stack;
beforeAll(async () => {
  await loadModule();
  stack = await openStack();
});
afterAll(() => stack.close());

it("users' tables keep the rules by which they can be distributed", async () => {
  expect(await breachesOfCatalog(stack.sql)).toEqual(Object.keys(MEANT));
});

it("knows every users' table, and that those that stay on one server are among them", async () => {
  const { users, distributed } = await readTables(stack.sql);
  expect([...users]).toEqual(expect.arrayContaining(Object.keys(NOT_DISTRIBUTED)));
  expect([...distributed].toSorted()).toEqual([
    "alert_reads",
    "favorite_removals",
    "favorites",
    "profiles",
    "scan_removals",
    "scans",
  ]);
});

const SOMETHING = "create table wishes (user_id uuid not null, id uuid, primary key (user_id, id))";

it.each([
  ["R1", "create table wishes (user_id uuid not null, store_id uuid references stores)"],
  ["R1", "create table wishes (user_id uuid primary key, of uuid references profiles)"],
  [
    "R1",
    "create table wishes (user_id uuid primary key); create table gifts (wish uuid references wishes)",
  ],
  ["R2", "create table wishes (user_id uuid not null, id uuid primary key)"],
  ["R2", `${SOMETHING}; create unique index wishes_id_key on wishes (id)`],
  [
    "R3",
    `${SOMETHING}; create trigger touch before update on wishes for each row execute function touch_updated_at()`,
  ],
  ["R3", `${SOMETHING}; create rule kept as on delete to wishes do instead nothing`],
  ["R3", `${SOMETHING}; create policy own on wishes using (true)`],
  ["R4", "create table wishes (user_id uuid)"],
  ["R4", "create table wishes (user_id text not null)"],
  ["R4", "create table wishes (user_id uuid not null, number int generated always as identity)"],
  ["R4", "create table wishes (user_id uuid not null, number serial)"],
  ["R5", "create view wishes as select barcode from scans"],
  [
    "R5",
    "create function wish(owner uuid) returns bigint language sql as 'select count(*) from scans where user_id = owner'",
  ],
  [
    "R5",
    "create function wish(id uuid) returns void language plpgsql as $$ begin delete from scans where user_id = id; end $$",
  ],
  [
    "R5",
    "create function wish(owner uuid) returns void language plpgsql as $$ begin delete from scans where user_id = owner; end $$",
  ],
])("%s: reports %s", async (rule, statements) => {
  const undo = new Error("undone");
  let added: string[] = [];
  await stack.sql
    .begin(async (transaction) => {
      await transaction.unsafe(statements);
      const found = await breachesOfCatalog(transaction as unknown as Stack["sql"]);
      added = found.filter((one) => !(one in MEANT));
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  expect(added).toEqual([expect.stringMatching(new RegExp(`^${rule} .*wish`))]);
});
