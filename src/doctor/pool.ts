import { fail, type Finding, ok, warn } from "./finding.ts";

/** PgBouncer's settings and state for the database that the instances use, from its console. */
export interface PoolerFacts {
  readonly version: string;
  readonly poolMode: string;
  readonly poolSize: number;
  readonly reservePoolSize: number;
  /** 0 means no limit. */
  readonly databaseConnectionsMax: number;
  readonly clientConnectionsMax: number;
  readonly preparedStatementsMax: number;
  readonly queryWaitTimeoutSeconds: number;
  readonly waitingClients: number;
  readonly longestWaitSeconds: number;
}

/** The number of connections that PostgreSQL accepts. */
export interface ServerConnectionFacts {
  readonly connectionsMax: number;
  readonly reserved: number;
}

/** The configuration of the instances. */
export interface InstanceFacts {
  readonly instances: number;
  readonly poolMax: number;
  /** How many of their addresses lead to the same server or pooler; 1 by default. */
  readonly poolsThere?: number;
  readonly prepares: boolean;
}

/** The connection beside each pool: the journal's to the primary, or the poll's to a read replica. */
export const WATCHING_CONNECTIONS = 1;
/** Direct connections of a migration, an import and an operator's psql. */
const DIRECT_CONNECTIONS = 3;
/** Old and new instances run at the same time during a deploy. */
const DEPLOY_FACTOR = 2;

/**
 * Checks that instances × pool fit into PgBouncer, and PgBouncer into PostgreSQL; `pooler` is null without PgBouncer.
 * `readReplica` is the address of a read replica, or null for the primary.
 */
export function checkPoolArithmetic(
  { instances, poolMax, poolsThere = 1 }: InstanceFacts,
  pooler: PoolerFacts | null,
  server: ServerConnectionFacts,
  readReplica: string | null = null,
): Finding[] {
  return named(compare(instances, poolMax, poolsThere, pooler, server), readReplica);
}

function named(findings: readonly Finding[], readReplica: string | null): Finding[] {
  return findings.map((finding) =>
    readReplica === null ? finding : { ...finding, check: `${finding.check}, ${readReplica}` },
  );
}

function compare(
  instances: number,
  poolMax: number,
  poolsThere: number,
  pooler: PoolerFacts | null,
  server: ServerConnectionFacts,
): Finding[] {
  const clients = instances * (poolMax + WATCHING_CONNECTIONS) * poolsThere;
  const pools = poolsThere === 1 ? "" : ` × ${poolsThere} addresses`;
  const sum = `${instances} × (${poolMax} + ${WATCHING_CONNECTIONS})${pools} = ${clients} connections`;
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
        "instances to PgBouncer",
        `${sum}, twice that during a deploy, but max_client_conn is ${clientConnectionsMax}`,
        `raise max_client_conn to ${clients * DEPLOY_FACTOR} or more, or lower DATABASE_POOL_MAX`,
      ),
    );
  } else if (instances * poolMax > 4 * poolSize) {
    findings.push(
      warn(
        "instances to PgBouncer",
        `${sum} share ${poolSize} server connections`,
        `set DATABASE_POOL_MAX to ${Math.max(2, Math.floor((2 * poolSize) / instances))}: statements that wait in an instance are counted and rejected in time, those in PgBouncer are not`,
      ),
    );
  } else {
    findings.push(ok("instances to PgBouncer", `${sum} of ${clientConnectionsMax}`));
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

/** Returns the most server connections that PgBouncer opens for one role on one database. */
export function serverConnections(pooler: PoolerFacts): number {
  const wanted = pooler.poolSize + pooler.reservePoolSize;
  return pooler.databaseConnectionsMax > 0
    ? Math.min(wanted, pooler.databaseConnectionsMax)
    : wanted;
}

/** Checks PgBouncer's pool mode, and its support of prepared statements if instances use them. */
export function checkPooler(
  { prepares }: InstanceFacts,
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
        `${poolMode}: each connection of an instance keeps a server connection, used or not`,
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
          ? `used, up to ${preparedStatementsMax} for each server connection`
          : `not used${knowsPrepared ? "; DATABASE_PREPARE=true would save a round trip for each statement" : ""}`,
      ),
    );
  }
  if (queryWaitTimeoutSeconds === 0 || queryWaitTimeoutSeconds > 30) {
    findings.push(
      warn(
        "waiting for a connection",
        `query_wait_timeout is ${queryWaitTimeoutSeconds === 0 ? "off" : `${queryWaitTimeoutSeconds} s`}: statements keep waiting after their callers are gone`,
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
    findings.push(ok("waiting for a connection", "no client waits for long"));
  }
  return findings;
}

function atLeast(version: string, major: number, minor: number): boolean {
  const match = /(\d+)\.(\d+)/.exec(version);
  const [has, hasMinor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  return has > major || (has === major && hasMinor >= minor);
}
