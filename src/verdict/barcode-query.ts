import { type SQL, sql } from "drizzle-orm";
import type { BoycottEvidence } from "./evidence.ts";
import { STORED_PRODUCT_JSON } from "./evidence-query.ts";
import { recallsOfBarcode, type StoredRecall } from "./recalls.ts";
import type { StoredProduct } from "./stored-product.ts";

/** A barcode to look for, with the digits that a boycotted company's barcodes may begin with. */
export interface WantedBarcode {
  readonly barcode: string;
  readonly prefixes: readonly string[];
}

/** A boycott target, with the key of its parent company, by which that company's own target is found. */
export interface FoundTarget extends BoycottEvidence {
  readonly parentKey: string | null;
}

/** The facts about a barcode in the tables; `P` is the type of `PRODUCT_JSON`. */
export interface BarcodeRow<P> {
  readonly barcode: string;
  readonly product: P | null;
  /** The evidence for the verdict. */
  readonly stored: StoredProduct | null;
  readonly boycottTargets: readonly FoundTarget[];
  /** By which the product's brands are found among the targets' names. */
  readonly brandKeys: readonly string[];
  /** Of the data sources that the row names. */
  readonly sourceIds: readonly string[];
  /** Also those that begin later. */
  readonly recalls: readonly StoredRecall[];
}

/** More targets than this say nothing new about one product. */
const BOYCOTT_TARGETS_MAX = 50;

/** The attribution that a product `p` carries: it is owed to those whose row it was before an admin changed it. */
export const ATTRIBUTION_JSON = `(
    select json_build_object('name', a.name, 'licence', a.licence, 'attribution', a.attribution, 'url', a.url)
    from data_sources a where a.id = coalesce(p.base_source, p.source))`;

/** A product as JSON, from the aliases of `BARCODE_JOINS`. */
export const PRODUCT_JSON = `json_build_object(
  'id', p.id, 'barcode', p.barcode, 'name', p.name, 'brand', p.brand, 'imageUrl', p.image_url,
  'halalStatus', p.halal_status, 'confidenceScore', p.confidence_score, 'additives', p.additives,
  'certifierId', p.certifier_id, 'names', p.names, 'ingredients', p.ingredients, 'labels', p.labels,
  'language', p.language, 'categories', p.categories, 'allergens', p.allergens,
  'attribution', ${ATTRIBUTION_JSON})`;

/** The keys of a product's brands, from the alias `p`. */
export const BRAND_KEYS = `coalesce(brand_keys(p.brand), '{}')`;

/** Targets by the product's brand, by the parent of one so found, and by the barcode's first digits. */
const BOYCOTT_TARGETS = `
  select json_agg(json_build_object(
    'id', t.id, 'companyName', t.company_name, 'level', t.level, 'matchedBy', t.matched_by, 'sourceUrl', t.source_url,
    'parentKey', brand_key(t.parent_company)
  ) order by t.company_name, t.id) as list
  from (
    with direct as (
      select id, company_name, level, source_url, parent_company,
        case
          when normalize_texts(array[company_name]) && brand.keys then 'company'
          when normalize_texts(brands) && brand.keys then 'brand'
          when match_keys && brand.keys then 'parent'
          else 'gtin_prefix'
        end as matched_by
      from boycott_targets
      where active and (match_keys && brand.keys or gtin_prefixes && wanted.prefixes)
    ), parents as (
      select id, company_name, level, source_url, parent_company, 'parent' as matched_by from boycott_targets
      where active and company_key in (
        select brand_key(parent_company) from direct where matched_by in ('company', 'brand')
      )
    )
    select distinct on (id) * from (select * from direct union all select * from parents) as every
    order by id, array_position(array['company', 'brand', 'parent', 'gtin_prefix'], matched_by)
    limit ${BOYCOTT_TARGETS_MAX}
  ) as t`;

/**
 * The tables that `wanted` (barcode, prefixes) is joined with. `offset 0` has the keys made once for a product and not
 * once for each boycott target.
 */
export const BARCODE_JOINS = `
  left join products p on p.barcode = wanted.barcode
  left join data_sources d on d.id = p.source
  left join certifiers c on c.id = p.certifier_id
  cross join lateral (select ${BRAND_KEYS} as keys offset 0) as brand
  left join lateral (${BOYCOTT_TARGETS}) as targets on true`;

/** The columns of a `BarcodeRow`, from the aliases of `BARCODE_JOINS`; without recalls that were over at a moment. */
export function barcodeColumns(endingAfter: Date): SQL {
  return sql`wanted.barcode,
    case when p.id is not null then ${sql.raw(PRODUCT_JSON)} end as "product",
    case when p.id is not null then ${sql.raw(STORED_PRODUCT_JSON)} end as "stored",
    coalesce(targets.list, '[]') as "boycottTargets",
    array_to_json(brand.keys) as "brandKeys",
    array_to_json(array_remove(array[p.source, p.base_source], null)) as "sourceIds",
    ${recallsOfBarcode(sql`wanted.barcode`, endingAfter)} as "recalls"`;
}
