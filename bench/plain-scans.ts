import type postgres from "postgres";

/** Makes `scans` a plain table again, empty, with the same checks, rights and indexes, as older deployments have it. */
export async function makePlainScans(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    const indexes = await transaction<{ definition: string }[]>`
      select replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as definition
      from pg_index i where i.indrelid = 'scans'::regclass and not i.indisprimary`;
    const [table] = await transaction<{ owner: string }[]>`
      select relowner::regrole::text as owner from pg_class where oid = 'scans'::regclass`;
    await transaction.unsafe(`
      create table plain (like scans including defaults including constraints);
      drop table scans;
      alter table plain rename to scans;
      alter table scans add constraint scans_user_id_id_pk primary key (user_id, id);
      alter table scans owner to ${table?.owner ?? ""};
      grant select, insert, update, delete on scans to app`);
    for (const { definition } of indexes) await transaction.unsafe(definition);
  });
}
