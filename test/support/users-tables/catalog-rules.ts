import type postgres from "postgres";
import { readFunctions } from "./function-statements.ts";
import { blocksOf, withInner } from "./statement-blocks.ts";
import type { Tables } from "./statement-rules.ts";

/** Users' tables that would stay on one server, and why. The record is docs/decisions/0012-users-tables.md. */
export const NOT_DISTRIBUTED: Readonly<Record<string, string>> = {
  reports: "administrators read the reports of a case, whoever sent them",
  devices: "a phone goes from user to user, and planning walks them all",
  push_preferences: "planning reads them beside `devices`",
  deliveries: "the sender takes those that are due, whoever they are for",
};

/** Breaches that are meant, as `breachesOfCatalog` reports them, and why. */
export const MEANT: Readonly<Record<string, string>> = {
  "R3 devices: trigger forget":
    "forgets what is planned for a phone that leaves its user; the table stays on one server",
  "R5 forget_device names deliveries, devices without an owner":
    "the function of that trigger, which has the row",
};

/** The tables of ours by whose they are; partitions count as their table. */
export async function readTables(sql: postgres.Sql): Promise<Tables> {
  const rows = await sql<{ table: string; isUsers: boolean }[]>`
    select c.relname as "table", exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id' and not a.attisdropped
    ) as "isUsers"
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')`;
  const users = new Set(rows.flatMap(({ table, isUsers }) => (isUsers ? [table] : [])));
  return {
    users,
    distributed: new Set([...users].filter((table) => !(table in NOT_DISTRIBUTED))),
    all: new Set(rows.map(({ table }) => table)),
  };
}

/** Finds what the database breaks. Source: `design/scale.md`, the rules by the catalog. */
export async function breachesOfCatalog(sql: postgres.Sql): Promise<string[]> {
  const tables = await readTables(sql);
  const rows = await sql<{ breach: string }[]>`
    with users as (
      select c.oid, c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
    ), key as (
      select u.oid, a.attnum from users u join pg_attribute a on a.attrelid = u.oid and a.attname = 'user_id'
    )
    select format('R1 %s: foreign key %s', u.relname, k.conname) as breach
    from users u join pg_constraint k on k.conrelid = u.oid and k.contype = 'f' join key on key.oid = u.oid
    where not (k.confrelid in (select oid from users) and key.attnum = any (k.conkey)
      and (select o.attnum from key o where o.oid = k.confrelid) = any (k.confkey))
    union all
    select format('R1 %s: foreign key %s of %s', u.relname, k.conname, k.conrelid::regclass)
    from users u join pg_constraint k on k.confrelid = u.oid and k.contype = 'f'
    where k.conrelid not in (select oid from users)
    union all
    select format('R2 %s: index %s', u.relname, i.indexrelid::regclass)
    from users u join pg_index i on i.indrelid = u.oid join key on key.oid = u.oid
    where (i.indisunique or i.indisexclusion) and not key.attnum = any (i.indkey::int2[])
    union all
    select format('R3 %s: trigger %s', u.relname, t.tgname) from users u join pg_trigger t on t.tgrelid = u.oid
    where not t.tgisinternal
    union all
    select format('R3 %s: rule %s', u.relname, r.rulename) from users u join pg_rewrite r on r.ev_class = u.oid
    union all
    select format('R3 %s: policy %s', u.relname, p.polname) from users u join pg_policy p on p.polrelid = u.oid
    union all
    select format('R4 %s: %s', u.relname, a.attname) from users u join pg_attribute a on a.attrelid = u.oid
    where a.attname = 'user_id' and (a.atttypid <> 'uuid'::regtype or not a.attnotnull)
    union all
    select format('R4 %s: %s counts', u.relname, a.attname) from users u join pg_attribute a on a.attrelid = u.oid
    left join pg_attrdef d on d.adrelid = u.oid and d.adnum = a.attnum
    where a.attnum > 0 and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%')
    union all
    select distinct format('R5 view %s names %s', r.ev_class::regclass, u.relname)
    from users u join pg_depend d on d.refobjid = u.oid and d.refclassid = 'pg_class'::regclass
    join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid where r.ev_class <> u.oid`;
  const breaches = rows.map(({ breach }) => breach);
  for (const one of await readFunctions(sql)) {
    const named = one.statements
      .flatMap((statement) => blocksOf(statement).flatMap(withInner))
      .flatMap((block) => block.tables.map(({ table }) => table));
    const users = [...new Set(named)].filter((table) => tables.users.has(table)).toSorted();
    if (users.length === 0) continue;
    if (one.language === "sql")
      breaches.push(`R5 ${one.name} is SQL and names ${users.join(", ")}`);
    else if (one.parameters[0] !== "owner")
      breaches.push(`R5 ${one.name} names ${users.join(", ")} without an owner`);
    else if (!one.definition.includes("#variable_conflict use_column"))
      breaches.push(`R5 ${one.name} does not prefer columns to variables`);
  }
  return breaches.toSorted();
}
