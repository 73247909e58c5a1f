import { sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { LIMIT_MAX, type TrendingProduct } from "./schemas.ts";

/** The products that most users scanned in a cell, or everywhere for the empty cell; at most 50. */
export async function listTrending(
  db: Db,
  cell5: string,
): Promise<Loaded<readonly TrendingProduct[]>> {
  const [row] = await db.execute<{ snapshot: string; items: TrendingProduct[] }>(sql`
    select pg_current_snapshot()::text as "snapshot", coalesce((
      select json_agg(json_build_object('barcode', t.barcode, 'users', t.users,
        'product', case when p.id is not null then json_build_object('id', p.id, 'name', p.name, 'brand', p.brand,
          'imageUrl', p.image_url, 'halalStatus', p.halal_status) end) order by t.users desc, t.barcode)
      from (
        select barcode, users from trending_products where cell5 = ${cell5} order by users desc, barcode limit ${LIMIT_MAX}
      ) as t
      left join products p on p.barcode = t.barcode
    ), '[]') as "items"`);
  if (row === undefined) throw new Error("the trending products' query gave no row");
  return { value: row.items, snapshot: row.snapshot };
}
