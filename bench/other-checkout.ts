import { join, resolve } from "node:path";
import { runCommand } from "./processes.ts";
import { type Instance, startInstance } from "./instance.ts";
import { type BenchStack, JWT_SECRET } from "./stack.ts";

/** Starts an instance of another checkout on a new database of its own, which it has migrated. */
export async function startOther(
  stack: BenchStack,
  checkout: string,
  {
    database,
    port,
    nodeOptions = [],
  }: {
    readonly database: string;
    readonly port: number;
    readonly nodeOptions?: readonly string[];
  },
): Promise<Instance> {
  const directory = resolve(checkout);
  const maintenance = stack.superuser("postgres");
  await maintenance.unsafe(`create database ${database} owner halal_owner`);
  await maintenance.end();
  const extensions = stack.superuser(database);
  await extensions.unsafe("create extension postgis; create extension pg_stat_statements");
  const environment = {
    DATABASE_URL: stack.databaseUrl(database),
    DATABASE_DIRECT_URL: stack.directUrl(database),
    JWT_SECRET,
  };
  await runCommand([join(directory, "src/cli/migrate.ts")], environment, directory);
  // Migrations of older checkouts leave the rights of the instances' role to the database's own setup.
  await extensions.unsafe(`
    grant select, insert, update, delete on all tables in schema public to app;
    grant usage on all sequences in schema public to app;
    grant usage on schema drizzle to app;
    grant select on all tables in schema drizzle to app`);
  await extensions.end();
  const entry = join(directory, "src/main.ts");
  return await startInstance(stack, { database, port, nodeOptions, entry });
}
