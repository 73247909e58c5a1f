import postgres, { type Sql } from "postgres";
import type { Config } from "../config.ts";
import {
  askClock,
  askExtensions,
  askIndexes,
  askJournal,
  askServerConnections,
  askStandby,
  askStatements,
  askStatisticsAge,
  askTables,
  askTimeouts,
  askVacuum,
} from "./ask-database.ts";
import { askMigrations, expectedIndexes } from "./ask-migrations.ts";
import { askPooler } from "./ask-pooler.ts";
import { attempt, reasonOf } from "./attempt.ts";
import {
  checkClock,
  checkJournal,
  checkStandby,
  checkStatements,
  checkTimeouts,
  checkVacuum,
} from "./database-health.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";
import { checkPoolArithmetic, checkPooler } from "./pool.ts";
import { checkExtensions, checkIndexes, checkMigrations, checkSequentialScans } from "./schema.ts";
import { addressOf } from "./secrets.ts";

/** Examines the embedded database: what it holds, not how it is reached. */
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

/** Examines the database, the way to it, and its read replicas. */
export async function examineDatabase(
  config: Config,
  databaseUrl: string,
  replicas: number,
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
      checkStatements(await askStatements(direct)),
    )),
    ...(await examinePool(config, databaseUrl, direct, replicas)),
    // Through the pooler, as a replica has them.
    ...(await attempt("time limits", async () => checkTimeouts(await askTimeouts(pooled)))),
    ...(await examineJournal(direct)),
    ...(await attempt("autovacuum", async () =>
      checkVacuum({ ...(await askVacuum(direct)), tables: await askTables(direct) }),
    )),
    ...(await attempt("clock of the database", async () => checkClock(await askClock(direct)))),
  );
  await Promise.all([close(pooled), close(direct)]);
  for (const url of config.databaseReplicaUrls) {
    const standby = open(url, null);
    findings.push(
      ...(await attempt(
        `read replica ${addressOf(url)}`,
        async () => checkStandby(await askStandby(standby, addressOf(url))),
        fail,
      )),
    );
    await close(standby);
  }
  return findings;
}

/** Whether migrations can use the direct address: PgBouncer refuses what they ask for at the start. */
async function examineDirect(url: string): Promise<readonly Finding[]> {
  const sql = postgres(url, {
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    connection: {
      application_name: "doctor",
      // As text: postgres-js leaves the number 0 out, though its types want it.
      statement_timeout: "0" as unknown as number,
    },
  });
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

async function examinePool(
  config: Config,
  databaseUrl: string,
  sql: Sql,
  replicas: number,
): Promise<readonly Finding[]> {
  return await attempt("pool arithmetic", async () => {
    const server = await askServerConnections(sql);
    const told = {
      replicas,
      poolMax: config.databasePoolMax,
      prepares: config.databasePrepare,
    };
    const pooler = await askPooler(databaseUrl);
    if (pooler.kind === "pooler") {
      return [
        ...checkPoolArithmetic(told, pooler.facts, server),
        ...checkPooler(told, pooler.facts),
      ];
    }
    if (pooler.kind === "none") return checkPoolArithmetic(told, null, server);
    return warn(
      "pool arithmetic",
      `PgBouncer's console cannot be asked: ${pooler.reason}`,
      "put the role into stats_users (pgbouncer/start.sh does)",
    );
  });
}

function open(url: string, socketPath: string | null): Sql {
  return postgres(url, {
    ...(socketPath === null ? {} : { path: socketPath }),
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => undefined,
    connection: { application_name: "doctor" },
  });
}

async function close(sql: Sql): Promise<void> {
  await sql.end({ timeout: 1 });
}
