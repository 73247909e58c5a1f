import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { TrendingProduct } from "./schemas.ts";

/** The products that most users scanned in a cell, or everywhere for the empty cell. */
export async function listTrending(
  db: Db,
  cell5: string,
  limit: number,
): Promise<TrendingProduct[]> {
  return await db.execute<TrendingProduct & Record<string, unknown>>(sql`
    select t.barcode, t.users,
      case when p.id is not null then json_build_object('id', p.id, 'name', p.name, 'brand', p.brand,
        'imageUrl', p.image_url, 'halalStatus', p.halal_status) end as "product"
    from (
      select barcode, users from trending_products where cell5 = ${cell5} order by users desc, barcode limit ${limit}
    ) as t
    left join products p on p.barcode = t.barcode
    order by t.users desc, t.barcode`);
}
