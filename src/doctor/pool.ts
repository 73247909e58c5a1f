import { fail, type Finding, ok, warn } from "./finding.ts";

/** PgBouncer as its console describes it, for the database that the replicas use. */
export interface PoolerFacts {
  readonly version: string;
  readonly poolMode: string;
  readonly poolSize: number;
  readonly reservePoolSize: number;
  /** 0: no ceiling. */
  readonly databaseConnectionsMax: number;
  readonly clientConnectionsMax: number;
  readonly preparedStatementsMax: number;
  readonly queryWaitTimeoutSeconds: number;
  readonly waitingClients: number;
  readonly longestWaitSeconds: number;
}

/** What PostgreSQL takes. */
export interface ServerConnectionFacts {
  readonly connectionsMax: number;
  readonly reserved: number;
}

/** What the replicas are told. */
export interface ReplicaFacts {
  readonly replicas: number;
  readonly poolMax: number;
  /** How many of their addresses lead to the same server or pooler; 1 unless said. */
  readonly poolsThere?: number;
  readonly prepares: boolean;
}

/** Beside its pool: to the primary the one that follows the journal, to a read replica the one that watches it. */
export const WATCHING_CONNECTIONS = 1;
/** A migration, an import and an operator's psql, past the pooler. */
const DIRECT_CONNECTIONS = 3;
/** Old and new replicas run side by side during a deploy. */
const DEPLOY_FACTOR = 2;

/**
 * Checks replicas × pool against PgBouncer against PostgreSQL; `pooler` null: there is none.
 * `readReplica` is the address of the read replica that it is about; without, it is the primary.
 */
export function checkPoolArithmetic(
  { replicas, poolMax, poolsThere = 1 }: ReplicaFacts,
  pooler: PoolerFacts | null,
  server: ServerConnectionFacts,
  readReplica: string | null = null,
): Finding[] {
  return named(compare(replicas, poolMax, poolsThere, pooler, server), readReplica);
}

function named(findings: readonly Finding[], readReplica: string | null): Finding[] {
  return findings.map((finding) =>
    readReplica === null ? finding : { ...finding, check: `${finding.check}, ${readReplica}` },
  );
}

function compare(
  replicas: number,
  poolMax: number,
  poolsThere: number,
  pooler: PoolerFacts | null,
  server: ServerConnectionFacts,
): Finding[] {
  const clients = replicas * (poolMax + WATCHING_CONNECTIONS) * poolsThere;
  const pools = poolsThere === 1 ? "" : ` × ${poolsThere} addresses`;
  const sum = `${replicas} × (${poolMax} + ${WATCHING_CONNECTIONS})${pools} = ${clients} connections`;
  const usable = server.connectionsMax - server.reserved;
  if (pooler === null) {
    const room = usable - DIRECT_CONNECTIONS;
    if (clients * DEPLOY_FACTOR <= room) {
      return [
        ok("pool arithmetic", `${sum}, twice that during a deploy, of ${room} free for them`),
      ];
    }
    return [
      fail(
        "pool arithmetic",
        `${sum}, twice that during a deploy, but PostgreSQL has ${room} for them`,
        "put PgBouncer in between (pgbouncer/), or lower DATABASE_POOL_MAX",
      ),
    ];
  }
  const findings: Finding[] = [];
  const { clientConnectionsMax, poolSize } = pooler;
  if (clients * DEPLOY_FACTOR > clientConnectionsMax) {
    findings.push(
      fail(
        "replicas to PgBouncer",
        `${sum}, twice that during a deploy, but max_client_conn is ${clientConnectionsMax}`,
        `raise max_client_conn to ${clients * DEPLOY_FACTOR} or more, or lower DATABASE_POOL_MAX`,
      ),
    );
  } else if (replicas * poolMax > 4 * poolSize) {
    findings.push(
      warn(
        "replicas to PgBouncer",
        `${sum} share ${poolSize} server connections`,
        `set DATABASE_POOL_MAX to ${Math.max(2, Math.floor((2 * poolSize) / replicas))}: what waits in a replica is counted and shed in time, what waits in PgBouncer is not`,
      ),
    );
  } else {
    findings.push(ok("replicas to PgBouncer", `${sum} of ${clientConnectionsMax}`));
  }
  const ceiling = serverConnections(pooler);
  if (ceiling > usable) {
    findings.push(
      fail(
        "PgBouncer to PostgreSQL",
        `up to ${ceiling} connections, but max_connections leaves ${usable}`,
        "lower default_pool_size or max_db_connections, or raise max_connections",
      ),
    );
  } else if (ceiling + DIRECT_CONNECTIONS > usable) {
    findings.push(
      warn(
        "PgBouncer to PostgreSQL",
        `up to ${ceiling} of ${usable} connections`,
        `leave ${DIRECT_CONNECTIONS} for a migration, an import and psql`,
      ),
    );
  } else {
    findings.push(ok("PgBouncer to PostgreSQL", `up to ${ceiling} of ${usable} connections`));
  }
  return findings;
}

/** The most server connections PgBouncer opens for one role on one database. */
export function serverConnections(pooler: PoolerFacts): number {
  const wanted = pooler.poolSize + pooler.reservePoolSize;
  return pooler.databaseConnectionsMax > 0
    ? Math.min(wanted, pooler.databaseConnectionsMax)
    : wanted;
}

/** Checks PgBouncer's mode and what it knows of prepared statements against what the replicas use. */
export function checkPooler(
  { prepares }: ReplicaFacts,
  pooler: PoolerFacts,
  readReplica: string | null = null,
): Finding[] {
  return named(judgePooler(prepares, pooler), readReplica);
}

function judgePooler(prepares: boolean, pooler: PoolerFacts): Finding[] {
  const { poolMode, version, preparedStatementsMax, queryWaitTimeoutSeconds } = pooler;
  const findings: Finding[] = [];
  if (poolMode === "transaction")
    findings.push(ok("pool mode", `transaction, PgBouncer ${version}`));
  else if (poolMode === "statement") {
    findings.push(
      fail("pool mode", "statement: transactions are refused", "set pool_mode = transaction"),
    );
  } else {
    findings.push(
      warn(
        "pool mode",
        `${poolMode}: each connection of a replica keeps a server connection, used or not`,
        "set pool_mode = transaction",
      ),
    );
  }
  const knowsPrepared = atLeast(version, 1, 21) && preparedStatementsMax > 0;
  if (prepares && poolMode !== "session" && !knowsPrepared) {
    findings.push(
      fail(
        "prepared statements",
        `DATABASE_PREPARE=true, but PgBouncer ${version} keeps ${preparedStatementsMax}`,
        "set max_prepared_statements = 200 (PgBouncer 1.21 or newer), or DATABASE_PREPARE=false",
      ),
    );
  } else {
    findings.push(
      ok(
        "prepared statements",
        prepares
          ? `used, up to ${preparedStatementsMax} kept a server connection`
          : `not used${knowsPrepared ? "; DATABASE_PREPARE=true would save a round trip a statement" : ""}`,
      ),
    );
  }
  if (queryWaitTimeoutSeconds === 0 || queryWaitTimeoutSeconds > 30) {
    findings.push(
      warn(
        "waiting for a connection",
        `query_wait_timeout is ${queryWaitTimeoutSeconds === 0 ? "off" : `${queryWaitTimeoutSeconds} s`}: statements wait for callers that have gone`,
        "set query_wait_timeout = 5",
      ),
    );
  } else if (pooler.longestWaitSeconds >= 1) {
    findings.push(
      warn(
        "waiting for a connection",
        `${pooler.waitingClients} clients wait, the first for ${pooler.longestWaitSeconds.toFixed(1)} s`,
        "see docs/operations.md, pool exhausted",
      ),
    );
  } else {
    findings.push(ok("waiting for a connection", "nobody waits for long"));
  }
  return findings;
}

function atLeast(version: string, major: number, minor: number): boolean {
  const match = /(\d+)\.(\d+)/.exec(version);
  const [has, hasMinor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  return has > major || (has === major && hasMinor >= minor);
}
