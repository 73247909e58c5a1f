import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, it } from "vitest";
import lintConfig from "../../oxlint.config.ts";

/** Imports that the linter rejects, by file; `new` and `later` stand for future files and folders. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  "src/features/store/queries.ts": [
    'import { x } from "../../db/client/database.ts"',
    'import { x } from "../../db/migrations/migrate.ts"',
    'import { x } from "../../db/embedded/embedded.ts"',
    'import { x } from "../../redis/client.ts"',
    'import { x } from "../../doctor/examine.ts"',
    'import { x } from "../../serve.ts"',
    'import { x } from "../../new.ts"',
    'import { x } from "../../later/new.ts"',
    'import { x } from "../../trpc/context.ts"',
    'import { x } from "../../trpc/procedure-table.ts"',
    'import type { X } from "../../trpc/router.ts"',
    'import type { X } from "../../app.ts"',
    'import type { X } from "../../deps.ts"',
    'import type { X } from "../../config.ts"',
    'import type { X } from "../../http/token.ts"',
    'import type { X } from "../boycott/schemas.ts"',
    'import { x } from "../boycott/queries.ts"',
    'export * from "../boycott/queries.ts"',
    'await import("../../redis/client.ts")',
  ],
  "src/trpc/new.ts": [
    'import { x } from "../features/store/queries.ts"',
    'import type { X } from "../features/store/schemas.ts"',
    'import type { X } from "../config.ts"',
    'import { x } from "../config.ts"',
    'import { x } from "../deps.ts"',
    'import { x } from "../cache/cache.ts"',
    'import { x } from "../db/client/database.ts"',
    'import { x } from "../http/token.ts"',
    'import { x } from "../serve.ts"',
    'import { x } from "./router.ts"',
  ],
  "src/trpc/router.ts": [
    'import { x } from "../features/store/queries.ts"',
    'import { x } from "../deps.ts"',
    'import { x } from "../db/client/database.ts"',
  ],
  "src/cache/new.ts": [
    'import { x } from "../config.ts"',
    'import { x } from "../serve.ts"',
    'import { x } from "../doctor/redis.ts"',
    'import type { X } from "../http/token.ts"',
    'import type { X } from "../trpc/context.ts"',
    'import { x } from "../new.ts"',
  ],
  "src/db/new.ts": [
    'import { x } from "../config.ts"',
    'import { x } from "../http/token.ts"',
    'import { x } from "../cache/cache.ts"',
    'import type { X } from "../cache/cache.ts"',
    'import { x } from "../doctor/redis.ts"',
    'import { x } from "../new.ts"',
  ],
  "src/db/tables/new.ts": [
    'import { x } from "../../config.ts"',
    'import { x } from "../../cache/cache.ts"',
    'import type { X } from "../../features/store/schemas.ts"',
  ],
  "src/http/new.ts": [
    'import { x } from "../config.ts"',
    'import { x } from "../serve.ts"',
    'import { x } from "../doctor/redis.ts"',
    'import { x } from "../trpc/context.ts"',
    'import { x } from "../features/store/queries.ts"',
    'import { x } from "../new.ts"',
  ],
  "src/http/rate-limit/new.ts": [
    'import { x } from "../../config.ts"',
    'import { x } from "../../import/run.ts"',
  ],
  "src/redis/new.ts": [
    'import { x } from "../cache/cache.ts"',
    'import type { X } from "../db/client/database.ts"',
  ],
  "src/observability/new.ts": [
    'import { x } from "../http/token.ts"',
    'import { x } from "../db/client/database.ts"',
  ],
  "src/seed/demo/new.ts": [
    'import { x } from "../../import/run.ts"',
    'import { x } from "../../config.ts"',
  ],
  "src/geo/new.ts": [
    'import { x } from "../serve.ts"',
    'import { x } from "../food/barcode.ts"',
    'import type { X } from "../config.ts"',
  ],
  "packages/client/src/new.ts": [
    'import { x } from "node:fs"',
    'import { x } from "../../../src/db/client/database.ts"',
    'import { x } from "../../../src/db/tables/new.ts"',
    'import type { X } from "../../../src/trpc/router.ts"',
    'import { x } from "../../../src/trpc/router.ts"',
  ],
  "packages/client/src/queue/new.ts": [
    'import { x } from "node:fs"',
    'import { x } from "../../../../src/http/token.ts"',
    'import type { X } from "../../../../src/trpc/router.ts"',
  ],
  "src/food/new.ts": ['import { x } from "../db/client/errors.ts"'],
  "src/import/kinds/products/new.ts": [
    'import { x } from "../../../features/store/schemas.ts"',
    'import { x } from "../../../config.ts"',
  ],
  "src/import/new.ts": [
    'import { x } from "../config.ts"',
    'import { x } from "../deps.ts"',
    'import { x } from "../db/client/database.ts"',
    'import type { X } from "../features/store/schemas.ts"',
    'import { x } from "../cache/cache.ts"',
  ],
  "src/jobs/new.ts": [
    'import { x } from "../config.ts"',
    'import { x } from "../cache/journal.ts"',
    'import { x } from "../db/client/database.ts"',
    'import { x } from "../import/run.ts"',
    'import type { X } from "../deps.ts"',
    'import type { X } from "../features/alerts/schemas.ts"',
    'import { x } from "../job-worker.ts"',
  ],
  "src/doctor/new.ts": [
    'import { x } from "../app.ts"',
    'import { x } from "../database-source.ts"',
    'import type { X } from "../features/store/schemas.ts"',
    'import { x } from "../trpc/procedures.ts"',
  ],
  "src/cli/new.ts": [
    'import { x } from "../app.ts"',
    'import { x } from "../features/store/queries.ts"',
  ],
  "src/app.ts": [
    'import { x } from "./features/store/router.ts"',
    'import { x } from "./deps.ts"',
    'import type { X } from "./config.ts"',
    'import { x } from "./config.ts"',
    'import { x } from "./cache/cache.ts"',
    'import { x } from "./db/client/database.ts"',
    'import { x } from "./new.ts"',
  ],
  "src/deps.ts": [
    'import { x } from "./config.ts"',
    'import { x } from "./app.ts"',
    'import type { X } from "./features/store/schemas.ts"',
    'import { x } from "./trpc/router.ts"',
  ],
  "src/main.ts": ['import { x } from "./http/server.ts"'],
  "src/new.ts": ['import { x } from "./features/store/queries.ts"', 'import "./cli/import.ts"'],
  "src/errors.ts": ['import { x } from "./config.ts"', 'import type { X } from "./deps.ts"'],
};

/** Imports that the linter allows, beside all those of the project. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "src/features/store/new.ts": [
    'import { x } from "./queries.ts"',
    'import { x } from "zod"',
    'import { x } from "../../errors.ts"',
    'import { x } from "../../geo/new.ts"',
    'import { x } from "../../trpc/new.ts"',
    'import { x } from "../../db/tables/new.ts"',
    'import type { X } from "../../db/client/database.ts"',
    'import type { X } from "../../trpc/context.ts"',
  ],
  "src/trpc/newer.ts": ['import type { X } from "../deps.ts"', 'import { x } from "../errors.ts"'],
  "src/http/newer.ts": [
    'import type { X } from "../config.ts"',
    'import type { X } from "../trpc/context.ts"',
    'import { x } from "../cache/x.ts"',
  ],
  "src/jobs/newer.ts": [
    'import { x } from "../errors.ts"',
    'import { x } from "../food/barcode.ts"',
    'import { x } from "../db/tables/new.ts"',
    'import { x } from "../db/sql-fragments.ts"',
    'import type { X } from "../db/client/database.ts"',
  ],
  "packages/client/src/newer.ts": [
    'import { x } from "../../../src/geo/rank.ts"',
    'import { x } from "../../../src/food/barcode.ts"',
    'import { x } from "../../../src/db/tables/vocabulary.ts"',
    'import { x } from "@trpc/client"',
  ],
  "packages/client/src/app-router.ts": ['import type { X } from "../../../src/trpc/router.ts"'],
  "src/db/tables/newer.ts": ['import { x } from "../errors.ts"'],
};

it("the linter rejects imports that the table of boundaries does not allow", async () => {
  const directory = mkdtempSync(join(tmpdir(), "import-table-"));
  try {
    const { plugins, overrides } = lintConfig;
    writeFileSync(
      join(directory, ".oxlintrc.json"),
      JSON.stringify({ plugins, categories: { correctness: "off" }, overrides }),
    );
    for (const [file, lines] of Object.entries({ ...FORBIDDEN, ...ALLOWED })) {
      mkdirSync(join(directory, dirname(file)), { recursive: true });
      // Each line imports another name, because the file would not parse otherwise.
      const named = lines.map((line, i) => line.replace(/\{ (\w) \}/, `{ $1 as $1${i} }`));
      writeFileSync(join(directory, file), `${named.join(";\n")};\n`);
    }
    const output = await new Promise<string>((done) => {
      const linter = resolve("node_modules/.bin/oxlint");
      execFile(linter, ["--format", "unix"], { cwd: directory }, (_error, stdout) => done(stdout));
    });
    const refused = new Set(
      Array.from(
        output.matchAll(/^((?:src|packages)\/\S+:\d+):\d+: .*no-restricted-imports/gm),
        ([, place]) => place,
      ),
    );
    const all = (lists: typeof FORBIDDEN) =>
      Object.entries(lists).flatMap(([file, lines]) =>
        lines.map((text, index) => ({ place: `${file}:${index + 1}`, shown: `${file}: ${text}` })),
      );
    const shown = (lists: typeof FORBIDDEN, isRefused: boolean) =>
      all(lists).flatMap((one) => (refused.has(one.place) === isRefused ? [one.shown] : []));
    expect(shown(FORBIDDEN, false)).toEqual([]);
    expect(shown(ALLOWED, true)).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
