import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import {
  DRIZZLE_DIR,
  migrateDatabase,
  MIGRATIONS_DIR,
  pendingMigrations,
} from "../../../src/db/migrations/migrate.ts";
import { StartupError } from "../../../src/startup-error.ts";
import { APP_PASSWORD, SUPERUSER_PASSWORD } from "../../support/stack-address.ts";

const stack = inject("stack");

describe.skipIf(stack.kind !== "docker")("migrating a real server (docker stack)", () => {
  if (stack.kind !== "docker") return;
  const { host, postgresPort, pgbouncerPort } = stack;
  const superuser = `postgres://postgres:${SUPERUSER_PASSWORD}@${host}:${postgresPort}`;
  const quiet = { max: 1, onnotice: () => undefined };
  const maintenance = postgres(`${superuser}/postgres`, quiet);
  let name: string;
  let url: string;
  let sql: postgres.Sql;
  let scratch: string;
  /** A small set of migrations for one test. */
  let dirs: { drizzleDir: string; migrationsDir: string };
  let lines: string[];
  const log = (line: string) => void lines.push(line);

  beforeAll(async () => {
    await maintenance`select 1`;
  });
  afterAll(async () => {
    await maintenance.end();
  });
  beforeEach(async () => {
    lines = [];
    name = `migrate_${randomUUID().replaceAll("-", "")}`;
    url = `${superuser}/${name}`;
    await maintenance.unsafe(`create database ${name}`);
    sql = postgres(url, quiet);
    scratch = mkdtempSync(join(tmpdir(), "migrate-test-"));
    dirs = { drizzleDir: join(scratch, "drizzle"), migrationsDir: join(scratch, "migrations") };
    mkdirSync(join(dirs.drizzleDir, "meta"), { recursive: true });
    mkdirSync(dirs.migrationsDir);
    const entries = [{ idx: 0, version: "7", when: 1, tag: "0000_t", breakpoints: true }];
    writeFileSync(join(dirs.drizzleDir, "meta", "_journal.json"), JSON.stringify({ entries }));
    writeFileSync(join(dirs.drizzleDir, "0000_t.sql"), "CREATE TABLE t (a int, b int)");
    writeFileSync(
      join(dirs.migrationsDir, "0000_i.sql"),
      "CREATE INDEX CONCURRENTLY t_a_idx ON t (a);",
    );
  });
  afterEach(async () => {
    await sql.end({ timeout: 1 });
    await maintenance.unsafe(`drop database if exists ${name} with (force)`);
    rmSync(scratch, { recursive: true, force: true });
  });

  async function validity(): Promise<Record<string, boolean>> {
    const rows = await sql<{ name: string; valid: boolean }[]>`
      select indexrelid::regclass::text as name, indisvalid as valid from pg_index
      where indrelid = 't'::regclass order by 1`;
    return Object.fromEntries(rows.map((row) => [row.name, row.valid]));
  }

  /** Creates the invalid index that a failed build leaves. */
  async function leaveInvalidIndex(): Promise<void> {
    await sql`create table t (a int, b int)`;
    await sql`insert into t values (1, 1), (1, 2)`;
    await expect(sql`create unique index concurrently t_a_idx on t (a)`).rejects.toThrow(
      "could not create",
    );
  }

  test("of two migrations at once on an empty database one runs, and the other waits and finds nothing to do", async () => {
    const all = { drizzleDir: DRIZZLE_DIR, migrationsDir: MIGRATIONS_DIR };
    const db = drizzle(sql);
    const pending = await pendingMigrations(db);
    expect(pending).toContain("drizzle/0000_extensions");
    const results = await Promise.all([
      migrateDatabase({ url, ...all, log }),
      migrateDatabase({ url, ...all, log }),
    ]);
    expect(results.toSorted((a, b) => b.length - a.length)).toEqual([pending, []]);
    expect(lines).toContain("another migration of this database is running: waiting for it");
    expect(await pendingMigrations(db)).toEqual([]);
    const [row] = await sql`select count(*)::int as invalid from pg_index where not indisvalid`;
    expect(row).toEqual({ invalid: 0 });
    await sql`delete from drizzle.concurrent_migrations where name = 'migrations/0001_store_indexes' and statement_index = 1`;
    expect(await pendingMigrations(db)).toEqual(["migrations/0001_store_indexes"]);
    expect(await migrateDatabase({ url, ...all, log })).toEqual(["migrations/0001_store_indexes"]);
  });

  test("boycott targets that differ by their spelling alone become one, with all that was known of each", async () => {
    const journal = join(DRIZZLE_DIR, "meta", "_journal.json");
    const { entries } = JSON.parse(readFileSync(journal, "utf8")) as { entries: { tag: string }[] };
    // A database as it was before names were compared by their keys.
    cpSync(DRIZZLE_DIR, dirs.drizzleDir, { recursive: true });
    const before = entries.filter(({ tag }) => tag < "0007");
    writeFileSync(
      join(dirs.drizzleDir, "meta", "_journal.json"),
      JSON.stringify({ entries: before }),
    );
    rmSync(join(dirs.migrationsDir, "0000_i.sql"));
    await migrateDatabase({ url, ...dirs, log });
    const row = (companyName: string, more: Readonly<Record<string, unknown>> = {}) => ({
      companyName,
      brands: [],
      reasons: [],
      prefixes: [],
      parent: null,
      active: true,
      day: 1,
      ...more,
    });
    const rows = [
      row("Coca-Cola", { brands: ["Fanta"], reasons: ["a"], prefixes: ["5449000"] }),
      row("The Coca-Cola Company", { brands: ["Sprite", "Fanta"], reasons: ["b"], day: 3 }),
      row("CocaCola®", { parent: "A parent", day: 2 }),
      // Given up: what it says is no reason today.
      row("COCA COLA Inc.", { brands: ["Old Brand"], reasons: ["old"], active: false, day: 9 }),
      row("Nestlé S.A.", { active: false, brands: ["Nescafé"], day: 1 }),
      row("Nestle", { active: false, brands: ["KitKat"], day: 2 }),
      row("كوكاكولا", { day: 1 }),
      row("كوكا كولا", { day: 2 }),
      row("Up"),
      row("7up"),
      row("H&M"),
      row("HM"),
      row("!!!"),
    ];
    await sql`
      insert into boycott_targets (company_name, brands, reasons, gtin_prefixes, parent_company, level, active, updated_at)
      select "companyName", brands, reasons, prefixes, parent, 'official', active, timestamptz '2026-01-01' + day * interval '1 day'
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(
        "companyName" text, brands text[], reasons text[], prefixes text[], parent text, active boolean, day int)`;
    await migrateDatabase({
      url,
      drizzleDir: DRIZZLE_DIR,
      migrationsDir: MIGRATIONS_DIR,
      log,
    });
    const left = await sql<{ name: string; text: string }[]>`
      select company_name as name, concat_ws('|', active,
          array_to_string(array(select one from unnest(brands) as one order by one collate "C"), ','),
          array_to_string(array(select one from unnest(reasons) as one order by one), ','),
        array_to_string(gtin_prefixes, ','), parent_company) as text
      from boycott_targets`;
    expect(Object.fromEntries(left.map(({ name: company, text }) => [company, text]))).toEqual({
      "The Coca-Cola Company": "t|Coca-Cola,CocaCola®,Fanta,Sprite|a,b|5449000|A parent",
      Nestle: "f|KitKat,Nescafé,Nestlé S.A.||",
      "كوكا كولا": "t|كوكاكولا||",
      Up: "t|||",
      "7up": "t|||",
      "H&M": "t|||",
      HM: "t|||",
      "!!!": "t|||",
    });
  });

  test("an invalid index is rebuilt, and a valid index with the same name counts as built", async () => {
    await leaveInvalidIndex();
    expect(await validity()).toEqual({ t_a_idx: false });
    await sql`create index t_b_idx on t (b)`;
    const [before] = await sql`select 't_b_idx'::regclass::oid as oid`;
    writeFileSync(join(dirs.drizzleDir, "0000_t.sql"), "SELECT 1");
    writeFileSync(
      join(dirs.migrationsDir, "0001_j.sql"),
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_b_idx ON public.t (b);",
    );
    await migrateDatabase({ url, ...dirs, log });
    expect(await validity()).toEqual({ t_a_idx: true, t_b_idx: true });
    expect(await sql`select 't_b_idx'::regclass::oid as oid`).toEqual([before]);
  });

  test("a migration stops at a failing statement, and continues there after a correction", async () => {
    const file = join(dirs.migrationsDir, "0000_i.sql");
    writeFileSync(
      file,
      "INSERT INTO t VALUES (1, 1);\n--> statement-breakpoint\nCREATE INDEX CONCURRENTLY t_a_idx ON t (missing);",
    );
    await expect(migrateDatabase({ url, ...dirs, log })).rejects.toThrow(
      "migrations/0000_i, statement 2: ",
    );
    writeFileSync(
      file,
      "INSERT INTO t VALUES (1, 1);\n--> statement-breakpoint\nCREATE INDEX CONCURRENTLY t_a_idx ON t (a);",
    );
    expect(await migrateDatabase({ url, ...dirs, log })).toEqual(["migrations/0000_i"]);
    expect(await sql`select * from t`).toEqual([{ a: 1, b: 1 }]);
    expect(await validity()).toEqual({ t_a_idx: true });
    expect(await migrateDatabase({ url, ...dirs, log })).toEqual([]);
  });

  test("a migration waits for another session's lock with retries", async () => {
    await migrateDatabase({ url, ...dirs, log });
    writeFileSync(
      join(dirs.migrationsDir, "0001_j.sql"),
      "CREATE INDEX CONCURRENTLY t_b_idx ON t (b)",
    );
    let migration: Promise<string[]> | undefined;
    await sql.begin(async (transaction) => {
      await transaction`insert into t values (1, 1)`;
      migration = migrateDatabase({ url, ...dirs, log, lockTimeoutMs: 50 });
      await expect
        .poll(() => lines.join("\n"), { timeout: 10_000 })
        .toContain("waiting for another session's lock");
    });
    expect(await migration).toEqual(["migrations/0001_j"]);
    expect(await validity()).toEqual({ t_a_idx: true, t_b_idx: true });
  });

  test("a migration fails with one line when the lock stays, and the next run succeeds", async () => {
    await migrateDatabase({ url, ...dirs, log });
    writeFileSync(
      join(dirs.migrationsDir, "0001_j.sql"),
      "CREATE INDEX CONCURRENTLY t_b_idx ON t (b)",
    );
    await sql.begin(async (transaction) => {
      await transaction`insert into t values (1, 1)`;
      await expect(
        migrateDatabase({ url, ...dirs, log, lockTimeoutMs: 50, lockRetries: 0 }),
      ).rejects.toThrow(StartupError);
    });
    await migrateDatabase({ url, ...dirs, log });
    expect(await validity()).toEqual({ t_a_idx: true, t_b_idx: true });
  });

  test("a role's short statement_timeout does not apply to migrations", async () => {
    await sql.unsafe(`alter database ${name} set statement_timeout = '20ms'`);
    writeFileSync(
      join(dirs.migrationsDir, "0001_j.sql"),
      "SELECT pg_sleep(0.1);\n--> statement-breakpoint\nSELECT current_setting('lock_timeout');",
    );
    expect(await migrateDatabase({ url, ...dirs, log })).toContain("migrations/0001_j");
  });

  test("a file that was changed after it was applied is rejected, and no statement runs", async () => {
    await migrateDatabase({ url, ...dirs, log });
    writeFileSync(join(dirs.drizzleDir, "0000_t.sql"), "CREATE TABLE u (a int)");
    writeFileSync(
      join(dirs.migrationsDir, "0001_j.sql"),
      "CREATE INDEX CONCURRENTLY t_b_idx ON t (b)",
    );
    await expect(migrateDatabase({ url, ...dirs, log })).rejects.toThrow(
      "drizzle/0000_t was changed after it was applied",
    );
    expect(await validity()).toEqual({ t_a_idx: true });
  });

  test("a database that drizzle-kit has migrated is accepted", async () => {
    await migrateDatabase({ url, ...dirs, log });
    await sql`drop table drizzle.concurrent_migrations`;
    expect(await migrateDatabase({ url, ...dirs, log })).toEqual(["migrations/0000_i"]);
  });

  test("a migration that drizzle would skip is reported", async () => {
    await migrateDatabase({ url, ...dirs, log });
    const journal = join(dirs.drizzleDir, "meta", "_journal.json");
    writeFileSync(
      journal,
      readFileSync(journal, "utf8").replace(
        "[",
        '[{ "idx": 1, "when": 0, "tag": "0001_old", "breakpoints": true },',
      ),
    );
    cpSync(join(dirs.drizzleDir, "0000_t.sql"), join(dirs.drizzleDir, "0001_old.sql"));
    await expect(migrateDatabase({ url, ...dirs, log })).rejects.toThrow(
      "drizzle skipped drizzle/0001_old",
    );
  });

  test("a connection through PgBouncer is rejected with the name of the variable to set", async () => {
    const pooled = `postgres://app:${APP_PASSWORD}@${host}:${pgbouncerPort}/${name}`;
    await expect(migrateDatabase({ url: pooled, ...dirs, log })).rejects.toThrow(
      "set DATABASE_DIRECT_URL",
    );
  });
});
