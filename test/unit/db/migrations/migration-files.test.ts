import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type AppliedMigrations,
  listPending,
  type MigrationFiles,
  readMigrationFiles,
  rejectChangedFiles,
} from "../../../../src/db/migrations/migration-files.ts";
import { StartupError } from "../../../../src/startup-error.ts";

let directory: string;
let dirs: { drizzleDir: string; migrationsDir: string };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "migrations-test-"));
  dirs = { drizzleDir: join(directory, "drizzle"), migrationsDir: join(directory, "migrations") };
  mkdirSync(join(dirs.drizzleDir, "meta"), { recursive: true });
  mkdirSync(dirs.migrationsDir);
  const entries = [
    { idx: 0, when: 1, tag: "0000_a" },
    { idx: 1, when: 2, tag: "0001_b" },
  ];
  writeFileSync(join(dirs.drizzleDir, "meta", "_journal.json"), JSON.stringify({ entries }));
  writeFileSync(
    join(dirs.drizzleDir, "0000_a.sql"),
    "SELECT 1;--> statement-breakpoint\nSELECT 2;",
  );
  writeFileSync(join(dirs.drizzleDir, "0001_b.sql"), "SELECT 3;");
  writeFileSync(join(dirs.migrationsDir, "0002_d.sql"), "SELECT 6;");
  writeFileSync(
    join(dirs.migrationsDir, "0001_c.sql"),
    "-- a remark\nSELECT 4;\n--> statement-breakpoint\nSELECT 5;",
  );
  writeFileSync(join(dirs.migrationsDir, "notes.txt"), "not SQL");
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function allApplied(files: MigrationFiles): AppliedMigrations {
  return {
    drizzle: new Map(files.drizzle.map(({ createdAt, hash }) => [createdAt, hash])),
    concurrent: new Map(
      files.concurrent.map(({ name, statements }) => [
        name,
        new Map(statements.map(({ hash }, index) => [index, hash])),
      ]),
    ),
  };
}

test("pending migrations are listed in order", async () => {
  const files = await readMigrationFiles(dirs);
  const everything = ["drizzle/0000_a", "drizzle/0001_b", "migrations/0001_c", "migrations/0002_d"];
  expect(listPending(files, null)).toEqual(everything);
  const applied = allApplied(files);
  expect(listPending(files, applied)).toEqual([]);
  applied.drizzle.delete(2);
  applied.concurrent.get("migrations/0001_c")?.delete(1);
  expect(listPending(files, applied)).toEqual(["drizzle/0001_b", "migrations/0001_c"]);
});

test("a file that was changed after it was applied is named, unless only comments changed", async () => {
  const applied = allApplied(await readMigrationFiles(dirs));
  writeFileSync(
    join(dirs.migrationsDir, "0001_c.sql"),
    "SELECT 4;\n--> statement-breakpoint\n-- another remark\nSELECT 5",
  );
  expect(() => rejectChangedFiles({ drizzle: [], concurrent: [] }, applied)).not.toThrow();
  const commented = await readMigrationFiles(dirs);
  expect(() => rejectChangedFiles(commented, applied)).not.toThrow();

  writeFileSync(
    join(dirs.migrationsDir, "0001_c.sql"),
    "SELECT 4;\n--> statement-breakpoint\nSELECT 55;",
  );
  writeFileSync(join(dirs.drizzleDir, "0001_b.sql"), "SELECT 33;");
  const changed = await readMigrationFiles(dirs);
  expect(() => rejectChangedFiles(changed, applied)).toThrow(
    "drizzle/0001_b, migrations/0001_c was changed after it was applied",
  );
  writeFileSync(join(dirs.migrationsDir, "0001_c.sql"), "SELECT 4;");
  const shortened = await readMigrationFiles(dirs);
  expect(() => rejectChangedFiles(shortened, applied)).toThrow("migrations/0001_c");
});

test("a missing folder gives a one-line error", async () => {
  rmSync(dirs.drizzleDir, { recursive: true });
  await expect(readMigrationFiles(dirs)).rejects.toThrow(StartupError);
});
