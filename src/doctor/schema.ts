import { fail, type Finding, listed, ok, readableBytes, warn } from "./finding.ts";

/** The difference between the applied migrations and those of this program. */
export interface MigrationFacts {
  readonly pending: readonly string[];
  /** The difference between applied migrations and their files, or null. */
  readonly changed: string | null;
  /** The number of applied migrations that this program does not have, because the database is newer. */
  readonly unknownCount: number;
}

export interface IndexFacts {
  readonly index: string;
  readonly table: string;
  readonly isValid: boolean;
  readonly isBeingBuilt: boolean;
  /** Whether a constraint needs the index, even if no query uses it. */
  readonly isConstraint: boolean;
  readonly scans: number;
  readonly bytes: number;
}

export interface TableFacts {
  readonly table: string;
  readonly liveRows: number;
  readonly deadRows: number;
  readonly sequentialScans: number;
  readonly sequentialRowsRead: number;
  readonly isAnalyzed: boolean;
}

export interface ExtensionFacts {
  readonly name: string;
  readonly installed: string | null;
  /** The newest version on the server's disk, or null. */
  readonly available: string | null;
}

const REQUIRED_EXTENSIONS = ["postgis", "pg_trgm", "unaccent", "btree_gist"];
/** Statistics of a whole week include weekends; an index without a scan in a week is unused. */
const UNUSED_AFTER_SECONDS = 7 * 24 * 3600;
const UNUSED_BYTES_MIN = 1024 * 1024;
/** Index builds and ANALYZE also read whole tables, a few times for each deploy. */
const SEQUENTIAL_SCANS_MIN = 50;
const SEQUENTIAL_ROWS_MIN = 10_000;

/** Checks that the database has exactly this program's migrations. */
export function checkMigrations({ pending, changed, unknownCount }: MigrationFacts): Finding {
  if (changed !== null) return fail("migrations", changed, "deploy the files that were applied");
  if (pending.length > 0) {
    return fail("migrations", `missing: ${listed(pending)}`, "npm run db:migrate");
  }
  if (unknownCount > 0) {
    return warn(
      "migrations",
      `${unknownCount} applied that this version does not know`,
      "fine during a deploy or after a rollback; otherwise deploy the newer version",
    );
  }
  return ok("migrations", "all applied");
}

/** Checks for invalid, missing and unused indexes. Units: seconds. */
export function checkIndexes(
  indexes: readonly IndexFacts[],
  expected: readonly string[],
  statisticsAgeSeconds: number,
): Finding[] {
  const findings: Finding[] = [];
  const broken = indexes.filter(({ isValid, isBeingBuilt }) => !isValid && !isBeingBuilt);
  const present = new Set(indexes.map(({ index }) => index));
  const missing = expected.filter((index) => !present.has(index));
  if (broken.length > 0) {
    findings.push(
      fail(
        "invalid indexes",
        listed(broken.map(({ index, table }) => `${index} on ${table}`)),
        "left by a failed build, maintained by every write, used by no query: REINDEX INDEX CONCURRENTLY <name> (or DROP INDEX CONCURRENTLY, then npm run db:migrate if its migration is pending)",
      ),
    );
  } else {
    const building = indexes.filter(({ isValid, isBeingBuilt }) => !isValid && isBeingBuilt);
    findings.push(
      ok(
        "invalid indexes",
        building.length > 0
          ? `none; being built: ${listed(building.map(({ index }) => index))}`
          : "none",
      ),
    );
  }
  if (missing.length > 0) {
    findings.push(
      fail(
        "missing indexes",
        listed(missing),
        "dropped after the migration that made them: run their CREATE INDEX CONCURRENTLY from migrations/ again",
      ),
    );
  }
  const unused = indexes.filter(
    ({ isConstraint, scans, bytes }) => !isConstraint && scans === 0 && bytes >= UNUSED_BYTES_MIN,
  );
  if (statisticsAgeSeconds < UNUSED_AFTER_SECONDS) {
    findings.push(ok("unused indexes", "unknown: statistics are younger than a week"));
  } else if (unused.length > 0) {
    findings.push(
      warn(
        "unused indexes",
        listed(unused.map(({ index, bytes }) => `${index} (${readableBytes(bytes)})`)),
        "every write maintains them: check the read replicas' counters as well, then drop them in a migration",
      ),
    );
  } else {
    findings.push(ok("unused indexes", "none"));
  }
  return findings;
}

/** Checks for large tables that are read completely. */
export function checkSequentialScans(tables: readonly TableFacts[]): Finding {
  const read = tables.filter(
    ({ liveRows, sequentialScans, sequentialRowsRead }) =>
      liveRows >= SEQUENTIAL_ROWS_MIN &&
      sequentialScans >= SEQUENTIAL_SCANS_MIN &&
      sequentialRowsRead / sequentialScans >= SEQUENTIAL_ROWS_MIN,
  );
  if (read.length === 0) return ok("sequential scans", "no large table is read completely");
  return warn(
    "sequential scans",
    listed(
      read.map(
        ({ table, sequentialScans, liveRows }) =>
          `${table} (${sequentialScans} scans, ${liveRows} rows)`,
      ),
    ),
    "find the statement among the slowest ones and EXPLAIN it; an index is missing, or ANALYZE is",
  );
}

/** Checks that the extensions are installed in the version that the server has. */
export function checkExtensions(
  extensions: readonly ExtensionFacts[],
  serverVersion: string,
): Finding {
  const byName = new Map(extensions.map((extension) => [extension.name, extension]));
  const missing = REQUIRED_EXTENSIONS.filter(
    (name) => (byName.get(name)?.installed ?? null) === null,
  );
  if (missing.length > 0) {
    return fail(
      "extensions",
      `missing: ${listed(missing)}`,
      "as a superuser CREATE EXTENSION postgis; npm run db:migrate creates the others",
    );
  }
  const old = extensions.filter(
    ({ installed, available }) =>
      installed !== null && available !== null && installed !== available,
  );
  if (old.length > 0) {
    return warn(
      "extensions",
      listed(
        old.map(
          ({ name, installed, available }) => `${name} ${installed}, server has ${available}`,
        ),
      ),
      `ALTER EXTENSION ${old[0]?.name ?? "<name>"} UPDATE (for postgis: SELECT postgis_extensions_upgrade())`,
    );
  }
  return ok(
    "extensions",
    `PostgreSQL ${serverVersion}, PostGIS ${byName.get("postgis")?.installed ?? ""}`,
  );
}
