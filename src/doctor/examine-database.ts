import postgres, { type Sql } from "postgres";
import type { Config } from "../config.ts";
import { connectionTo, NO_TIME_LIMITS } from "../db/client/address.ts";
import { TrackedSockets } from "../db/client/tracked-sockets.ts";
import {
  askClock,
  askExtensions,
  askIndexes,
  askJournal,
  askRole,
  askServerConnections,
  askStandby,
  askStatements,
  askStatisticsAge,
  askTables,
  askTimeouts,
  askVacuum,
  askWorkers,
} from "./ask-database.ts";
import { askMigrations, expectedIndexes } from "./ask-migrations.ts";
import { askPooler } from "./ask-pooler.ts";
import { attempt, reasonOf } from "./attempt.ts";
import {
  checkClock,
  checkJournal,
  checkRole,
  checkStandby,
  checkStatements,
  checkTimeouts,
  checkVacuum,
} from "./database-health.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";
import { checkPoolArithmetic, checkPooler } from "./pool.ts";
import { checkExtensions, checkIndexes, checkMigrations, checkSequentialScans } from "./schema.ts";
import { addressOf } from "./secrets.ts";
import { checkWorkers } from "./workers.ts";

/** Examines the contents of the embedded database. */
export async function examineEmbedded(
  databaseUrl: string,
  socketPath: string | null,
): Promise<Finding[]> {
  const sql = open(databaseUrl, socketPath);
  const findings = [...(await examineSchema(sql)), ...(await examineJournal(sql))];
  await close(sql);
  return findings;
}

async function examineSchema(sql: Sql): Promise<Finding[]> {
  let pending: readonly string[] = [];
  return [
    ...(await attempt("migrations", async () => {
      const facts = await askMigrations(sql);
      ({ pending } = facts);
      return checkMigrations(facts);
    })),
    ...(await attempt("indexes", async () =>
      checkIndexes(
        await askIndexes(sql),
        await expectedIndexes(pending),
        await askStatisticsAge(sql),
      ),
    )),
    ...(await attempt("sequential scans", async () => checkSequentialScans(await askTables(sql)))),
    ...(await attempt("extensions", async () => {
      const { extensions, serverVersion } = await askExtensions(sql);
      return checkExtensions(extensions, serverVersion);
    })),
  ];
}

function examineJournal(sql: Sql): Promise<readonly Finding[]> {
  return attempt("cache journal", async () => checkJournal(await askJournal(sql)));
}

/** Examines the database, the connection to it, and its read replicas. */
export async function examineDatabase(
  config: Config,
  databaseUrl: string,
  instances: number,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const pooled = open(databaseUrl, null);
  const direct = open(config.databaseDirectUrl ?? databaseUrl, null);
  const reached = await attempt("database", async () => {
    await pooled`select 1`;
    return ok("database", addressOf(databaseUrl));
  });
  if (reached.some(({ level }) => level !== "ok")) {
    findings.push(
      fail(
        "database",
        `${addressOf(databaseUrl)} ${reached[0]?.found ?? ""}`,
        "see docs/operations.md, database away",
      ),
    );
    await Promise.all([close(pooled), close(direct)]);
    return findings;
  }
  findings.push(
    ...reached,
    ...(await examineDirect(config.databaseDirectUrl ?? databaseUrl)),
    ...(await examineSchema(direct)),
    ...(await attempt("slowest statements", async () =>
      checkStatements(await askStatements(pooled)),
    )),
    ...(await examinePool(config, databaseUrl, databaseUrl, direct, instances)),
    // Through the pooler, because instances connect through it.
    ...(await attempt("role of the service", async () => checkRole(await askRole(pooled)))),
    ...(await attempt("time limits", async () => checkTimeouts(await askTimeouts(pooled)))),
    ...(await examineJournal(direct)),
    ...(await attempt("autovacuum", async () =>
      checkVacuum({ ...(await askVacuum(direct)), tables: await askTables(direct) }),
    )),
    ...(await attempt("workers", async () => checkWorkers(await askWorkers(direct)))),
    ...(await attempt("clock of the database", async () => checkClock(await askClock(direct)))),
  );
  for (const url of config.databaseReplicaUrls)
    findings.push(...(await examineReadReplica(config, databaseUrl, url, direct, instances)));
  await Promise.all([close(pooled), close(direct)]);
  return findings;
}

/** Checks that a read replica can be reached and follows the primary, and that the instances' pools fit into it. */
async function examineReadReplica(
  config: Config,
  databaseUrl: string,
  url: string,
  primary: Sql,
  instances: number,
): Promise<readonly Finding[]> {
  const address = addressOf(url);
  const sql = open(url, null);
  try {
    const findings = await attempt(
      `read replica ${address}`,
      async () => checkStandby(await askStandby(sql, primary, address)),
      fail,
    );
    // A replica that cannot be reached is reported once.
    if (findings.some(({ check }) => check !== "read replica")) return findings;
    return [...findings, ...(await examinePool(config, databaseUrl, url, sql, instances))];
  } finally {
    await close(sql);
  }
}

/** Checks that migrations can use the direct address; PgBouncer refuses their startup parameters. */
async function examineDirect(url: string): Promise<readonly Finding[]> {
  const sql = open(url, null, NO_TIME_LIMITS);
  try {
    await sql`select 1`;
    return [ok("direct connection", addressOf(url))];
  } catch (error) {
    const reason = reasonOf(error);
    return [
      fail(
        "direct connection",
        reason.includes("unsupported startup parameter")
          ? `${addressOf(url)} goes through PgBouncer: migrations and the import cannot use it`
          : `${addressOf(url)}: ${reason}`,
        "set DATABASE_DIRECT_URL to PostgreSQL itself",
      ),
    ];
  } finally {
    await close(sql);
  }
}

/** Examines the pools on the way to `url`, the primary's or a read replica's; `sql` connects to the server behind it. */
async function examinePool(
  config: Config,
  databaseUrl: string,
  url: string,
  sql: Sql,
  instances: number,
): Promise<readonly Finding[]> {
  const readReplica = url === databaseUrl ? null : addressOf(url);
  const check = readReplica === null ? "pool arithmetic" : `pool arithmetic, ${readReplica}`;
  return await attempt(check, async () => {
    const server = await askServerConnections(sql);
    const { host } = new URL(url);
    const pools = {
      instances,
      poolMax: config.databasePoolMax,
      poolsThere: [databaseUrl, ...config.databaseReplicaUrls].filter(
        (other) => new URL(other).host === host,
      ).length,
      prepares: config.databasePrepare,
    };
    const pooler = await askPooler(url);
    if (pooler.kind === "pooler") {
      return [
        ...checkPoolArithmetic(pools, pooler.facts, server, readReplica),
        ...checkPooler(pools, pooler.facts, readReplica),
      ];
    }
    if (pooler.kind === "none") return checkPoolArithmetic(pools, null, server, readReplica);
    return warn(
      check,
      `PgBouncer's console cannot be asked: ${pooler.reason}`,
      "put the role into stats_users (pgbouncer/start.sh does)",
    );
  });
}

/** Opens a connection with the options of an instance and a longer timeout. */
function open(url: string, socketPath: string | null, startup = {}): Sql {
  return postgres({
    ...connectionTo(url, { socketPath, applicationName: "doctor", startup }),
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => undefined,
    ...new TrackedSockets().option(),
  });
}

async function close(sql: Sql): Promise<void> {
  await sql.end({ timeout: 1 });
}
