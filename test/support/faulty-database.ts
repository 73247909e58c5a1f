import { sql } from "drizzle-orm";
import { type Database, type DatabaseOptions, openDatabase } from "../../src/db/client/database.ts";
import { appErrorOf } from "../../src/errors.ts";
import { eventually } from "./calls.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { openStack, type Stack } from "./stack.ts";

/** Units: milliseconds. */
export const DEADLINE_MS = 800;

/** Returns the code of the error that work ends with, or "done". */
export const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => appErrorOf(error)?.code ?? String(error),
  );

/** Units: milliseconds. */
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A database with a table `marks` behind a proxy that cuts, hangs and heals. */
export class FaultyDatabase {
  readonly stack: Stack;
  readonly proxy: FaultProxy;
  readonly #opened: Database[] = [];

  private constructor(stack: Stack, proxy: FaultProxy) {
    this.stack = stack;
    this.proxy = proxy;
  }

  static async start(): Promise<FaultyDatabase> {
    const stack = await openStack();
    const { hostname, port } = new URL(stack.databaseUrl);
    const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
    await stack.sql`create table marks (mark text)`;
    await stack.sql`grant all on marks to app`;
    return new FaultyDatabase(stack, proxy);
  }

  /** Closes the clients and empties the table. */
  async reset(): Promise<void> {
    await this.proxy.heal();
    await Promise.all(this.#opened.splice(0).map((database) => database.close()));
    await this.stack.sql`truncate marks`;
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.stack.close();
  }

  /** Opens a client whose connections go through the proxy. */
  open(options: Partial<DatabaseOptions> = {}): Database {
    const url = new URL(this.stack.databaseUrl);
    url.hostname = "127.0.0.1";
    url.port = String(this.proxy.port);
    const database = openDatabase({
      url: url.href,
      poolMax: 2,
      prepare: false,
      deadlineMs: DEADLINE_MS,
      waitingMax: 5,
      cancellable: true,
      applicationName: "test",
      ...options,
    });
    this.#opened.push(database);
    return database;
  }

  /** Waits until a client answers. */
  async works(database: Database): Promise<void> {
    await eventually(
      5_000,
      () => ping(database),
      (outcome) => outcome === "done",
    );
  }

  async marks(): Promise<unknown[]> {
    return (await this.stack.sql`select mark from marks`).map((row) => row["mark"]);
  }

  /** Counts the running statements with this text. */
  async running(text: string): Promise<number> {
    const [row] = await this.stack.sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where state = 'active' and query like ${`%${text}%`} and pid <> pg_backend_pid()`;
    return row?.count ?? 0;
  }
}

/** Runs a small statement; returns "done" or the code of its error. */
export const ping = ({ db }: Database) => codeOf(db.execute(sql`select ${"x"}::text as x`));
