import type { RulingsData } from "./rulings.ts";

/** The one row of `RULINGS_SQL`. */
export interface RulingsRow {
  readonly snapshot: string;
  readonly data: RulingsData;
}

/** Reads all that verdicts rest on besides the product; plain text, for clients with and without drizzle. */
export const RULINGS_SQL = `
  select pg_current_snapshot()::text as "snapshot", json_build_object(
    'substances', coalesce((
      select json_agg(json_build_object('id', s.id, 'parents', s.parents, 'kind', s.kind, 'additive', s.additive,
        'names', w.names) order by s.source <> 'own', s.id)
      from substances s left join (
        select substance, json_object_agg(language, word) as names from (
          select distinct on (substance, language) substance, language, words[1] as word from substance_words
          where language in ('fr', 'ar') order by substance, language, source <> 'own'
        ) as first_words group by substance
      ) as w on w.substance = s.id), '[]'),
    'rulings', coalesce((
      select json_agg(json_build_object('substance', r.substance, 'madhab', r.madhab, 'halalStatus', r.halal_status,
        'confidence', r.confidence, 'reasonCode', r.reason_code,
        'source', r.source_name || coalesce(' (' || r.source_ref || ')', '')) order by r.substance, r.madhab)
      from substance_rulings r), '[]'),
    'additives', coalesce((
      select json_agg(json_build_object(
        'code', a.code, 'name', coalesce(a.name_en, a.name_fr, a.name_ar),
        'names', json_build_object('en', a.name_en, 'fr', a.name_fr, 'ar', a.name_ar), 'halalStatus', a.halal_status,
        'source', coalesce(a.status_source, (
          select d.name from data_sources d where d.id = case when a.status_locked then 'admin' else a.source end)),
        'dataSourceId', case when a.status_locked then 'admin' else a.source end,
        'rulings', coalesce((
          select json_agg(json_build_object('madhab', r.madhab, 'halalStatus', r.halal_status, 'source', r.source)
            order by r.madhab)
          from additive_rulings r where r.additive_code = a.code), '[]')) order by a.code)
      from additives a), '[]')
  ) as "data"`;
