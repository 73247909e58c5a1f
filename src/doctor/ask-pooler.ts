import postgres from "postgres";
import { connectionTo, parseDatabaseAddress } from "../db/client/address.ts";
import type { PoolerFacts } from "./pool.ts";

/** The facts from PgBouncer's console, or the reason why it cannot be read. */
export type PoolerAnswer =
  | { readonly kind: "pooler"; readonly facts: PoolerFacts }
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly reason: string };

type Row = Record<string, string | null>;

/** Reads the console of the PgBouncer at an address, with the address's role. */
export async function askPooler(databaseUrl: string): Promise<PoolerAnswer> {
  const { database } = parseDatabaseAddress(databaseUrl);
  const sql = postgres({
    ...connectionTo(databaseUrl, { database: "pgbouncer", applicationName: "doctor" }),
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => undefined,
  });
  // The console supports the simple protocol only and returns all values as text.
  const show = async (what: string) =>
    (await sql.unsafe<Row[]>(`SHOW ${what}`).simple()).map((row) => ({ ...row }));
  try {
    const config = new Map((await show("CONFIG")).map((row) => [row["key"], row["value"]]));
    const [version] = await show("VERSION");
    const row = (await show("DATABASES")).find(({ name }) => name === database);
    const pools = (await show("POOLS")).filter((pool) => pool["database"] === database);
    const number = (value: string | null | undefined) => Number(value ?? 0);
    const setting = (name: string) => number(config.get(name));
    return {
      kind: "pooler",
      facts: {
        version: /\d+\.\d+[\d.]*/.exec(version?.["version"] ?? "")?.[0] ?? "?",
        // A database's own setting overrides the common one.
        poolMode: row?.["pool_mode"] ?? config.get("pool_mode") ?? "?",
        poolSize: number(row?.["pool_size"] ?? config.get("default_pool_size")),
        reservePoolSize: number(
          row?.["reserve_pool_size"] ?? row?.["reserve_pool"] ?? config.get("reserve_pool_size"),
        ),
        databaseConnectionsMax: number(
          row?.["max_connections"] ?? config.get("max_db_connections"),
        ),
        clientConnectionsMax: setting("max_client_conn"),
        preparedStatementsMax: setting("max_prepared_statements"),
        queryWaitTimeoutSeconds: setting("query_wait_timeout"),
        waitingClients: pools.reduce((sum, pool) => sum + number(pool["cl_waiting"]), 0),
        longestWaitSeconds: pools.reduce(
          (max, pool) => Math.max(max, number(pool["maxwait"]) + number(pool["maxwait_us"]) / 1e6),
          0,
        ),
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // PostgreSQL itself answers that the database `pgbouncer` does not exist.
    if (error instanceof Error && "code" in error && error.code === "3D000")
      return { kind: "none" };
    return { kind: "refused", reason };
  } finally {
    await sql.end({ timeout: 1 });
  }
}
