import { type SQL, sql } from "drizzle-orm";
import { ATTRIBUTION_JSON } from "../../verdict/barcode-query.ts";
import { STORED_PRODUCT_JSON } from "../../verdict/evidence-query.ts";
import type { StoredProduct } from "../../verdict/stored-product.ts";
import type { ListedProduct } from "./schemas.ts";

/** A product of a list without its verdict, and what that rests on. */
export interface ListedRow extends Omit<
  ListedProduct,
  "halalStatus" | "confidenceScore" | "bySchool"
> {
  readonly stored: StoredProduct;
}

/** The terms of a product in `products_terms_idx`; the same text as in the index. */
const productTerms: SQL = sql`product_terms(search_text, categories, computed_status, computed_hanafi, computed_shafii,
  computed_maliki, computed_hanbali)`;

/**
 * A text as one lexeme of a `tsquery`, whatever characters it has. `format('%L')` writes another form for backslashes.
 * Source: PostgreSQL documentation, section 8.11.2.
 */
export const lexeme = (text: SQL): SQL =>
  sql`('''' || replace(replace(${text}, '\\', '\\\\'), '''', '''''') || '''')`;

/** Whether a product has the terms that a `tsquery` asks for. */
export const hasTerms = (tsquery: SQL): SQL => sql`${productTerms} @@ ${tsquery}`;

/** Whether a product is one of the 64th that `products_sample_terms_idx` has. */
export const isSampled: SQL = sql`id < '04000000-0000-0000-0000-000000000000'`;

/** With so many in the sample, some five thousand would be found in all, and the sample does. */
export const MANY_SAMPLED = 78;

/** The columns of a product in a list, from the aliases of `LISTED_JOINS`. */
export const listedColumns: SQL = sql`
  p.id, p.barcode, p.name, p.brand, p.image_url as "imageUrl", array_to_json(p.additives) as "additives",
  p.certifier_id as "certifierId", array_to_json(p.categories) as "categories",
  ${sql.raw(ATTRIBUTION_JSON)} as "attribution", ${sql.raw(STORED_PRODUCT_JSON)} as "stored"`;

/** The joins of a product `p`. */
export const LISTED_JOINS: SQL = sql`
  join data_sources d on d.id = p.source left join certifiers c on c.id = p.certifier_id`;
