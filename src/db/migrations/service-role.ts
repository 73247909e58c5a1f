import type { Sql } from "postgres";

/** Schemas that migrations fill, and the rights on their tables that an instance needs. */
const RIGHTS = [
  { schema: "public", rights: "SELECT, INSERT, UPDATE, DELETE" },
  // Procedures put jobs into it, and workers take them.
  { schema: "pgboss", rights: "SELECT, INSERT, UPDATE, DELETE" },
  // Which migrations were applied is read before an instance is ready.
  { schema: "drizzle", rights: "SELECT" },
] as const;

/** Tables of which an instance may add rows, and change or delete none. */
const APPEND_ONLY = ["audit_log"];

/** The roles of a service: one owns the tables, the other reads and writes their rows. */
export interface ServiceRole {
  readonly name: string;
  readonly log: (line: string) => void;
}

/**
 * Gives the role of the instances its rights on what later migrations make, before they make it; false where this
 * session is that role itself, or where there is no such role.
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

/** Gives the role of the instances what it lacks on the tables and sequences that this session's role owns. */
export async function grantRights(sql: Sql, { name, log }: ServiceRole): Promise<void> {
  for (const { schema, rights } of RIGHTS) {
    // `has_table_privilege` of several rights asks for any of them.
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
      -- Conditions are tried in any order, and no table may be asked about as a sequence.
      and case when relkind = 'S' then not has_sequence_privilege(${name}::text, oid, 'USAGE') end`;
  if (sequences.length === 0) return;
  const names = sequences.map((sequence) => sequence.name).join(", ");
  await sql.unsafe(`GRANT USAGE ON SEQUENCE ${names} TO ${quoted(name)}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
