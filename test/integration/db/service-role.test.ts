import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { migrateDatabase } from "../../../src/db/migrations/migrate.ts";
import { doctor } from "../../support/doctor-run.ts";
import { OWNER_PASSWORD } from "../../support/stack-address.ts";
import { JWT_SECRET, openStack, type Stack, stackKind } from "../../support/stack.ts";

const quiet = { max: 1, prepare: false, onnotice: () => undefined };

describe.skipIf(stackKind() !== "docker")("the role of the instances (docker stack)", () => {
  let stack: Stack;
  let service: postgres.Sql;

  beforeAll(async () => {
    stack = await openStack();
    service = postgres(stack.databaseUrl, quiet);
  });

  afterAll(async () => {
    await service.end({ timeout: 1 });
    await stack.close();
  });

  it.each([
    "drop table scans",
    "truncate scans",
    "alter table scans disable trigger all",
    "alter table scans add column mine text",
    "drop function normalize_text(text) cascade",
    "drop schema public cascade",
    "drop extension postgis cascade",
    "create table mine (a int)",
    "create or replace function normalize_text(text) returns text language sql return 'x'",
    "delete from drizzle.__drizzle_migrations",
    "update drizzle.concurrent_migrations set name = 'x'",
    "drop table drizzle.concurrent_migrations",
    "set role halal_owner",
    "create role mine",
    "copy scans to program 'cat'",
    "update audit_log set actor = gen_random_uuid()",
    "delete from audit_log",
    "truncate audit_log",
  ])("may not: %s", async (statement) => {
    // 42501 is a missing right; 2BP01 would mean that only dependent objects prevented the statement.
    await expect(service.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
  });

  it("reads and writes the rows of every table, and only adds to the trail", async () => {
    const tables = await service<{ name: string; all: boolean }[]>`
      select relname as name, has_table_privilege(oid, 'SELECT') and has_table_privilege(oid, 'INSERT')
        and has_table_privilege(oid, 'UPDATE') and has_table_privilege(oid, 'DELETE') as all
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')`;
    expect(tables.length).toBeGreaterThan(10);
    expect(tables.filter(({ all }) => !all)).toEqual([{ name: "audit_log", all: false }]);
    const [trail] = await service<{ adds: boolean; reads: boolean }[]>`
      select has_table_privilege('audit_log', 'INSERT') as adds, has_table_privilege('audit_log', 'SELECT') as reads`;
    expect(trail).toEqual({ adds: true, reads: true });
  });

  it("passes the doctor's check, and a role that owns the tables does not", async () => {
    const environment = {
      DATABASE_URL: stack.databaseUrl,
      DATABASE_DIRECT_URL: stack.directUrl,
      JWT_SECRET,
    };
    const sound = await doctor(environment);
    expect(sound.levels["role of the service"]).toBe("ok");
    const owner = await doctor({ ...environment, DATABASE_URL: stack.directUrl });
    expect(owner.line("role of the service")).toMatch(/^warn .*halal_owner can drop \d+ tables/);
  });
});

describe.skipIf(stackKind() !== "docker")("migrations grant rights (docker stack)", () => {
  const address = inject("stack");
  if (address.kind !== "docker") return;
  let name: string;
  let stack: Stack;
  let url: string;
  let scratch: string;
  let sql: postgres.Sql;

  beforeAll(async () => {
    stack = await openStack();
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    name = `grants_${randomUUID().replaceAll("-", "")}`;
    await stack.sql.unsafe(`create database ${name} owner halal_owner`);
    url = `postgres://halal_owner:${OWNER_PASSWORD}@${address.host}:${address.postgresPort}/${name}`;
    sql = postgres(url, quiet);
    scratch = mkdtempSync(join(tmpdir(), "grants-test-"));
    mkdirSync(join(scratch, "drizzle", "meta"), { recursive: true });
    mkdirSync(join(scratch, "migrations"));
  });
  afterEach(async () => {
    await sql.end({ timeout: 1 });
    await stack.sql.unsafe(`drop database if exists ${name} with (force)`);
    rmSync(scratch, { recursive: true });
  });

  const migrate = async (tags: readonly string[], serviceRole: string) => {
    const entries = tags.map((tag, idx) => ({
      idx,
      version: "7",
      when: idx + 1,
      tag,
      breakpoints: true,
    }));
    const journal = join(scratch, "drizzle", "meta", "_journal.json");
    writeFileSync(journal, JSON.stringify({ entries }));
    for (const tag of tags) {
      const statement = `CREATE TABLE ${tag} (id bigserial PRIMARY KEY, "Mixed" int)`;
      writeFileSync(join(scratch, "drizzle", `${tag}.sql`), statement);
    }
    const lines: string[] = [];
    await migrateDatabase({
      url,
      serviceRole,
      drizzleDir: join(scratch, "drizzle"),
      migrationsDir: join(scratch, "migrations"),
      log: (line) => lines.push(line),
    });
    return lines;
  };
  const rights = async (table: string) =>
    (
      await sql<{ word: string }[]>`
        select word from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) as word
        where has_table_privilege('app', ${table}::text, word)`
    ).map(({ word }) => word);
  const rows = ["SELECT", "INSERT", "UPDATE", "DELETE"];

  it("on new tables and on tables older than the role, and on no others", async () => {
    await migrate(["first"], "nobody of that name");
    await sql`create schema other`;
    await sql`create table other.t (a int)`;
    expect(await rights("first")).toEqual([]);
    await migrate(["first", "second"], "app");
    expect(await rights("first")).toEqual(rows);
    expect(await rights("second")).toEqual(rows);
    expect(await rights("drizzle.__drizzle_migrations")).toEqual(["SELECT"]);
    expect(await rights("drizzle.concurrent_migrations")).toEqual(["SELECT"]);
    expect(await rights("other.t")).toEqual([]);
    const [sequence] =
      await sql`select has_sequence_privilege('app', 'first_id_seq', 'USAGE') as may`;
    expect(sequence).toEqual({ may: true });
    // The next run grants the rights that a restore lost, although no migration is pending.
    await sql`revoke all on second from app`;
    await migrate(["first", "second"], "app");
    expect(await rights("second")).toEqual(rows);
  });

  it("not to a role that does not exist, and report that", async () => {
    const lines = await migrate(["first"], "nobody");
    expect(lines[0]).toBe(
      "there is no role nobody, as DATABASE_URL has it: nothing is granted to it",
    );
    expect(await rights("first")).toEqual([]);
  });
});
