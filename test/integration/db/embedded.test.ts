import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type EmbeddedDatabase,
  type EmbeddedOptions,
  startEmbeddedDatabase,
} from "../../../src/db/embedded/embedded.ts";
import { DRIZZLE_DIR, MIGRATIONS_DIR } from "../../../src/db/migrations/migrate.ts";

/** This file runs two complete first starts. */
const START_TIMEOUT_MS = 120_000;

const root = mkdtempSync(join(tmpdir(), "embedded-test-"));
const dataDir = join(root, "data");
let output = "";
let holder: ChildProcess | undefined;

const options: EmbeddedOptions = {
  dataDir,
  drizzleDir: DRIZZLE_DIR,
  migrationsDir: MIGRATIONS_DIR,
  output: { write: (text) => (output += text) },
  loadDemo: async (sql, onProgress) => {
    await sql`insert into data_sources (id, name, licence, attribution) values ('demo', 'Demo', 'CC0', 'Demo')`;
    onProgress(1, 1);
  },
};

function connect(database: EmbeddedDatabase, max = 1): postgres.Sql {
  return postgres(database.url, {
    path: database.socketPath,
    max,
    prepare: false,
    onnotice: () => undefined,
  });
}

/** Starts a process that starts the database, runs `script` with `sql`, and prints "waiting". */
function startElsewhere(
  script: string,
): ChildProcess & { stdout: NonNullable<ChildProcess["stdout"]> } {
  const from = (file: string) =>
    JSON.stringify(new URL(`../../../src/db/${file}`, import.meta.url).href);
  const source = `
    const { startEmbeddedDatabase } = await import(${from("embedded/embedded.ts")});
    const { DRIZZLE_DIR, MIGRATIONS_DIR } = await import(${from("migrations/migrate.ts")});
    const { default: postgres } = await import(${JSON.stringify(import.meta.resolve("postgres"))});
    const database = await startEmbeddedDatabase({
      dataDir: ${JSON.stringify(dataDir)}, drizzleDir: DRIZZLE_DIR, migrationsDir: MIGRATIONS_DIR,
      output: process.stdout, loadDemo: () => Promise.resolve(),
    });
    const sql = postgres(database.url, { path: database.socketPath, max: 1, prepare: false });
    ${script}
    process.stdout.write("waiting\\n");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  holder = child;
  return child;
}

async function outputHas(child: ReturnType<typeof startElsewhere>, text: string): Promise<void> {
  let seen = "";
  for await (const chunk of child.stdout) {
    seen += String(chunk);
    if (seen.includes(text)) return;
  }
  throw new Error(`ended without "${text}": ${seen}`);
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

afterEach(() => {
  holder?.kill("SIGKILL");
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("the embedded database", { timeout: START_TIMEOUT_MS }, () => {
  beforeAll(async () => {
    // A first start, killed half-way, with a file of the user in the directory.
    const child = startElsewhere("");
    await outputHas(child, "migrating");
    await kill(child);
    writeFileSync(join(dataDir, "jwt-secret"), "kept");
  }, START_TIMEOUT_MS);

  test("a first start that was killed is repeated completely", async () => {
    const database = await startEmbeddedDatabase(options);
    const sql = connect(database);
    try {
      expect(output).toContain("an earlier first start was interrupted: repeating it\n");
      expect(output).toMatch(/creating the embedded database[^]*migrating[^]*loading demo data/);
      expect(database.created).toBe(true);
      expect(await sql`select id from data_sources where id = 'demo'`).toHaveLength(1);
      const [version] = await sql`select postgis_lib_version() is not null as postgis`;
      expect(version).toEqual({ postgis: true });
      await expect(startEmbeddedDatabase(options)).rejects.toThrow(
        `in use by another process (pid ${process.pid})`,
      );
    } finally {
      await sql.end();
      await database.close();
    }
    expect(readFileSync(join(dataDir, "jwt-secret"), "utf8")).toBe("kept");
  });

  test("committed rows survive a kill, and the directory is locked while the process lives", async () => {
    const child = startElsewhere(`
      await sql\`insert into data_sources (id, name, licence, attribution) values ('kept', 'x', 'x', 'x')\`;
      const open = await sql.reserve();
      await open.unsafe("begin");
      await open.unsafe("insert into data_sources (id, name, licence, attribution) values ('lost', 'x', 'x', 'x')");`);
    await outputHas(child, "waiting");
    await expect(startEmbeddedDatabase(options)).rejects.toThrow(`(pid ${child.pid})`);
    await kill(child);

    const database = await startEmbeddedDatabase(options);
    const sql = connect(database);
    try {
      expect(database.created).toBe(false);
      expect(
        await sql`select id from data_sources where id in ('demo', 'kept', 'lost') order by id`,
      ).toEqual([{ id: "demo" }, { id: "kept" }]);
    } finally {
      await sql.end();
      await database.close();
    }
  });

  test("a later release's migrations are applied to an existing database", async () => {
    const migrationsDir = join(root, "migrations");
    cpSync(MIGRATIONS_DIR, migrationsDir, { recursive: true });
    writeFileSync(
      join(migrationsDir, "9000_later.sql"),
      "CREATE INDEX CONCURRENTLY later_idx ON data_sources (name);",
    );
    const database = await startEmbeddedDatabase({ ...options, migrationsDir });
    const sql = connect(database);
    try {
      expect(output).toContain("applied migrations/9000_later\n");
      expect(await sql`select to_regclass('later_idx')::text as index`).toEqual([
        { index: "later_idx" },
      ]);
      expect(await sql`select id from data_sources where id = 'demo'`).toHaveLength(1);
    } finally {
      await sql.end();
      await database.close();
    }
  });

  test("several connections, transactions, errors and copies do not interfere", async () => {
    const database = await startEmbeddedDatabase(options);
    const sql = connect(database, 4);
    try {
      await sql`create table numbers (n int primary key)`;
      const answers = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          if (index % 4 === 0)
            return sql`select 1 / ${0}::int`.catch((error: unknown) =>
              error instanceof postgres.PostgresError ? error.code : error,
            );
          if (index % 4 === 1) {
            return sql.begin(async (transaction) => {
              await transaction`insert into numbers values (${index})`;
              return (await transaction`select ${index}::int as n`)[0];
            });
          }
          return (await sql`select ${index}::int as n`)[0];
        }),
      );
      for (const [index, answer] of answers.entries()) {
        expect(answer).toEqual(index % 4 === 0 ? "22012" : { n: index });
      }
      await expect(
        sql.begin(async (transaction) => {
          await transaction`insert into numbers values (1000)`;
          await transaction`insert into numbers values (1)`;
        }),
      ).rejects.toThrow("duplicate key");
      const copy = await sql`copy numbers from stdin`.writable();
      for (let n = 2_000; n < 12_000; n += 1) copy.write(`${n}\n`);
      copy.end();
      await finished(copy);
      expect(
        await sql`select count(*)::int as count, bool_or(n = 1000) as torn from numbers`,
      ).toEqual([{ count: 10_010, torn: false }]);
      const [ids] = await sql<{ system: string; snapshot: string; transaction: string }[]>`
        select system_identifier::text as system, pg_current_snapshot()::text as snapshot,
          pg_current_xact_id()::text as transaction from pg_control_system()`;
      expect(ids).toEqual({
        system: expect.stringMatching(/^\d+$/),
        snapshot: expect.stringMatching(/^\d+:\d+:/),
        transaction: expect.stringMatching(/^\d+$/),
      });
    } finally {
      await sql.end();
      await database.close();
    }
  });
});
