import type postgres from "postgres";

/** The tables that grow with users and places. */
export const BIG_TABLES = [
  "scans",
  "products",
  "stores",
  "favorites",
  "alerts",
  "alert_reads",
  "reports",
  "report_cases",
  "store_words",
  "product_words",
];

/** Fills a table without its indexes, because building them at the end takes a third of the time. */
async function fill(sql: postgres.Sql, table: string, statement: string): Promise<void> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select c.relname as name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = ${table}::regclass and not i.indisunique`;
  await sql.begin(async (transaction) => {
    // Without triggers and foreign keys, because no cache reads the journal and the rows refer to existing rows.
    await transaction.unsafe(
      "set local session_replication_role = replica; set local maintenance_work_mem = '256MB'",
    );
    for (const { name } of indexes) await transaction.unsafe(`drop index ${name}`);
    await transaction.unsafe(statement);
    for (const { definition } of indexes) await transaction.unsafe(definition);
  });
  await sql.unsafe(`vacuum analyze ${table}`);
}

/** Fills them with a million scans, 200,000 products, 100,000 stores and what belongs to them, some of it a user's. */
export async function fillBigTables(sql: postgres.Sql, userId: string): Promise<void> {
  await fill(
    sql,
    "products",
    `insert into products (barcode, name, brand, additives, categories, search_text, computed_status, computed_hanafi, source)
     select lpad(i::text, 14, '0'), 'Product ' || i, 'Brand ' || i % 5000, array['E471', 'E120'],
       case when i % 2 = 0 then array['en:snacks', 'en:snacks-' || i % 3000] else '{}' end,
       'product ' || i || ' brand ' || i % 5000, case when i % 3 = 0 then 'halal' else 'unknown' end,
       case when i % 3 = 0 then 'halal' else 'unknown' end, 'test'
     from generate_series(1, 200000) as i`,
  );
  await fill(
    sql,
    "product_words",
    `insert into product_words (word)
     select 'product' union all select 'brand'
     union all select left(translate(md5(i::text), '0123456789', 'ghijklmnop'), 8) from generate_series(1, 50000) as i`,
  );
  await fill(
    sql,
    "scans",
    `insert into scans (user_id, id, barcode, scanned_at, recorded_at, halal_status, confidence)
     select case when i % 1000 = 0 then '${userId}'::uuid else md5((i % 40000)::text)::uuid end, gen_random_uuid(),
       lpad((i % 200000 + 1)::text, 14, '0'), now() - i * interval '30 seconds', now() - interval '2 days', 'unknown', 0
     from generate_series(1, 1000000) as i`,
  );
  // Half of the stores are around one city, as in reality.
  // Also the search text, which a trigger writes otherwise.
  await fill(
    sql,
    "stores",
    `insert into stores (
       name, city, search_text, latitude, longitude, store_type, halal_certified, time_zone, source)
     select name, city, store_search_text(name, null, city, '{}', '{}'), latitude, longitude, store_type, halal_certified,
       'UTC', 'test'
     from (select (array['Boucherie', 'Restaurant', 'Market', 'Bakery'])[1 + i % 4] || ' ' || substr(md5(i::text), 1, 6),
       'City ' || i % 300,
       case when i % 2 = 0 then 48.8 + random() * 0.2 else random() * 120 - 60 end,
       case when i % 2 = 0 then 2.2 + random() * 0.3 else random() * 360 - 180 end,
       (array['butcher', 'restaurant', 'bakery', 'supermarket'])[1 + i % 4], i % 5 = 0
     from generate_series(1, 100000) as i) as made (name, city, latitude, longitude, store_type, halal_certified)`,
  );
  // The writes of the disabled trigger.
  await fill(
    sql,
    "store_words",
    `insert into store_words (word)
     select distinct unnest(tsvector_to_array(search_terms(search_text))) from stores`,
  );
  await fill(
    sql,
    "favorites",
    `insert into favorites (user_id, kind, target_id, created_at)
     select case when i % 100 = 0 then '${userId}'::uuid else gen_random_uuid() end, kind, id,
       now() - i * interval '1 minute'
     from (
       select row_number() over () as i, * from (
         (select 'product' as kind, id from products limit 60000) union all (select 'store', id from stores limit 60000)
       ) as both_kinds
     ) as numbered`,
  );
  await fill(
    sql,
    "alerts",
    `insert into alerts (title, summary, severity, category, published_at, is_active)
     select 'Alert ' || i, 'Summary', 'info', 'many', now() - i * interval '1 minute', i % 20 = 0
     from generate_series(1, 20000) as i`,
  );
  await fill(
    sql,
    "alert_reads",
    `insert into alert_reads (user_id, alert_id)
     select case when u = 0 then '${userId}'::uuid else md5(u::text)::uuid end, id
     from (select id from alerts where is_active limit 200) as few, generate_series(0, 999) as u`,
  );
  await fill(
    sql,
    "report_cases",
    `insert into report_cases (id, kind, barcode, state)
     select md5(i::text)::uuid, 'wrong_status', lpad(i::text, 14, '0'), 'open' from generate_series(1, 30000) as i`,
  );
  await fill(
    sql,
    "reports",
    `insert into reports (user_id, id, is_guest, case_id, kind, barcode, created_at)
     select case when i % 100 = 0 then '${userId}'::uuid else gen_random_uuid() end, gen_random_uuid(), false,
       md5((i % 30000 + 1)::text)::uuid, 'wrong_status', lpad((i % 30000 + 1)::text, 14, '0'), now() - i * interval '1 minute'
     from generate_series(1, 60000) as i`,
  );
  await sql.unsafe(`
    insert into certifiers (id, name, country) values ('one', 'One', 'FR');
    insert into additives (code, source) values ('E471', 'test'), ('E120', 'test');
    insert into boycott_targets (company_name, brands, level)
    select 'Company ' || i, array['Brand ' || i], 'official' from generate_series(1, 500) as i;
    analyze certifiers, additives, boycott_targets`);
}
