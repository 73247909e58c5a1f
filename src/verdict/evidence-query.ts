/**
 * A `StoredProduct` as JSON, from the aliases `p` (products), `d` (its data source) and `c` (its certifier, outer join);
 * plain text, for clients with and without drizzle.
 */
export const STORED_PRODUCT_JSON = String.raw`json_build_object(
  'halalStatus', p.halal_status, 'confidenceScore', p.confidence_score, 'reasons', p.reasons,
  'additives', p.additives, 'labels', p.labels, 'hasIngredients', coalesce(p.ingredients, '') ~ '\S',
  'findings', p.findings, 'nameFinding', p.name_finding, 'sourceName', d.name,
  'certifier', case when c.id is not null then
    json_build_object('id', c.id, 'name', c.name, 'trustScore', c.trust_score) end)`;
