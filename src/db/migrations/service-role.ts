import type { Sql } from "postgres";

/** The schemas that migrations fill, and the rights on their tables that an instance needs. */
const RIGHTS = [
  { schema: "public", rights: "SELECT, INSERT, UPDATE, DELETE" },
  // Procedures add jobs to this schema, and workers take them.
  { schema: "pgboss", rights: "SELECT, INSERT, UPDATE, DELETE" },
  // An instance reads the applied migrations before it is ready.
  { schema: "drizzle", rights: "SELECT" },
] as const;

/** Tables of which an instance may add rows, and change or delete none. */
const APPEND_ONLY = ["audit_log"];

/** The role that instances use; another role owns the tables. */
export interface ServiceRole {
  readonly name: string;
  readonly log: (line: string) => void;
}

/**
 * Grants the role of the instances its rights on tables that migrations will create. Returns false when the session has
 * that role itself, or when there is no such role.
 */
export async function grantFutureRights(sql: Sql, { name, log }: ServiceRole): Promise<boolean> {
  const [role] = await sql<{ own: boolean }[]>`
    select rolname = current_user as own from pg_roles where rolname = ${name}::text`;
  if (role?.own === true) return false;
  if (role === undefined) {
    log(`there is no role ${name}, as DATABASE_URL has it: nothing is granted to it`);
    return false;
  }
  await sql.unsafe(`
    CREATE SCHEMA IF NOT EXISTS drizzle;
    CREATE SCHEMA IF NOT EXISTS pgboss;
    GRANT USAGE ON SCHEMA public, drizzle, pgboss TO ${quoted(name)};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO ${quoted(name)}`);
  for (const { schema, rights } of RIGHTS) {
    await sql.unsafe(
      `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT ${rights} ON TABLES TO ${quoted(name)}`,
    );
  }
  return true;
}

/** Grants the role of the instances the missing rights on tables and sequences that this session's role owns. */
export async function grantRights(sql: Sql, { name, log }: ServiceRole): Promise<void> {
  for (const { schema, rights } of RIGHTS) {
    // `has_table_privilege` with several rights returns true for any of them, so each is tested.
    const tables = await sql<{ name: string }[]>`
      select format('%I.%I', relnamespace::regnamespace::text, relname) as name
      from pg_class
      where relnamespace = to_regnamespace(${schema}::text) and relkind in ('r', 'p', 'v', 'm')
        and relname not in (select jsonb_array_elements_text(${JSON.stringify(APPEND_ONLY)}::text::jsonb))
        and relowner = current_user::regrole
        and not (select bool_and(has_table_privilege(${name}::text, oid, word))
                 from unnest(string_to_array(${rights}::text, ', ')) as word)`;
    if (tables.length === 0) continue;
    await sql.unsafe(
      `GRANT ${rights} ON TABLE ${tables.map((table) => table.name).join(", ")} TO ${quoted(name)}`,
    );
    log(`granted ${rights} on ${tables.length} tables of ${schema} to ${name}`);
  }
  for (const table of APPEND_ONLY) {
    const [owned] = await sql<{ oid: number }[]>`
      select oid from pg_class where oid = to_regclass(${`public.${table}`}::text) and relowner = current_user::regrole`;
    if (owned === undefined) continue;
    await sql.unsafe(`
      GRANT SELECT, INSERT ON TABLE public.${table} TO ${quoted(name)};
      REVOKE UPDATE, DELETE ON TABLE public.${table} FROM ${quoted(name)}`);
  }
  const sequences = await sql<{ name: string }[]>`
    select format('%I.%I', relnamespace::regnamespace::text, relname) as name
    from pg_class
    where relnamespace = 'public'::regnamespace and relowner = current_user::regrole
      -- PostgreSQL evaluates conditions in any order, and has_sequence_privilege fails for a table.
      and case when relkind = 'S' then not has_sequence_privilege(${name}::text, oid, 'USAGE') end`;
  if (sequences.length === 0) return;
  const names = sequences.map((sequence) => sequence.name).join(", ");
  await sql.unsafe(`GRANT USAGE ON SEQUENCE ${names} TO ${quoted(name)}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
