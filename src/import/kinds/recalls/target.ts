import type { Language } from "../../../texts/language.ts";
import type { AlertSeverity } from "../../../db/tables/vocabulary.ts";
import type { Conversion, ConversionContext } from "../../kind.ts";
import { problem, type RecordProblem } from "../../read/records.ts";
import type { Target } from "../../write/upsert-target.ts";
import { cutText } from "../fields.ts";

/** One recall as a source tells it. */
export interface RecallRecord {
  /** The source's own key. */
  readonly ref: string;
  /** The source's edition of the record, where it counts them: an older one changes nothing. */
  readonly version: number | null;
  /** Whether other records of the same key and edition name more of its barcodes. */
  readonly isPartial: boolean;
  /** Of its texts; null: not known. */
  readonly language: Language | null;
  readonly title: string;
  readonly summary: string;
  readonly content: string | null;
  readonly severity: AlertSeverity;
  readonly imageUrl: string | null;
  readonly sourceUrl: string | null;
  /** Units: ISO 8601, UTC. */
  readonly publishedAt: string;
  /** Units: ISO 8601, UTC; null: the source names no end. */
  readonly expiresAt: string | null;
  /** Units: canonical GTIN-14. */
  readonly barcodes: readonly string[];
  readonly lots: readonly string[];
  readonly brand: string | null;
  readonly risk: string | null;
  readonly whatToDo: string | null;
  readonly countries: readonly string[];
  readonly notes: readonly RecordProblem[];
}

const BARCODES_MAX = 1000;
const LOTS_MAX = 200;

/** The columns of a recall that an import may change, in the order of its columns in the target. */
const CHANGED = [
  "language",
  "title",
  "summary",
  "content",
  "severity",
  "image_url",
  "source_url",
  "published_at",
  "expires_at",
  "recall_barcodes",
  "recall_lots",
  "recall_brand",
  "recall_risk",
  "recall_what_to_do",
  "recall_countries",
  "source_version",
];

/** The items of both lists, each once and in order. */
const union = (column: string, most: number) =>
  `(array(select distinct item from unnest(t.${column} || b.${column}) as item order by item))[1:${most}]`;

/**
 * Recalls by source and the source's key. A partial record adds its barcodes and lots to those of the same edition.
 * A recall that an administrator changed, approved or took back stays so; `--publish` lets out what is held.
 */
export const RECALL_TARGET: Target = {
  name: "recalls",
  columns: [
    { name: "source", type: "text" },
    { name: "source_ref", type: "text" },
    { name: "is_partial", type: "boolean" },
    { name: "publishes", type: "boolean" },
    { name: "language", type: "text" },
    { name: "title", type: "text" },
    { name: "summary", type: "text" },
    { name: "content", type: "text" },
    { name: "severity", type: "text" },
    { name: "image_url", type: "text" },
    { name: "source_url", type: "text" },
    { name: "published_at", type: "timestamptz" },
    { name: "expires_at", type: "timestamptz" },
    { name: "recall_barcodes", type: "text[]" },
    { name: "recall_lots", type: "text[]" },
    { name: "recall_brand", type: "text" },
    { name: "recall_risk", type: "text" },
    { name: "recall_what_to_do", type: "text" },
    { name: "recall_countries", type: "text[]" },
    { name: "source_version", type: "integer" },
  ],
  keySql: `s.source_ref || case when s.is_partial
    then ' ' || coalesce(s.source_version::text, '') || ' ' || md5(s.recall_barcodes::text || s.recall_lots::text) else '' end`,
  pendingSql: `
    with first as (
      select distinct on (s.source_ref) * from import_batch s
      order by s.source_ref, s.source_version desc nulls last, s.position
    ), parts as (
      select s.source_ref, s.source_version, s.recall_barcodes, s.recall_lots
      from import_batch s join first f on f.source_ref = s.source_ref
      where s.source_version is not distinct from f.source_version
    ), batch as (
      select f.position, f.source, f.source_ref, f.is_partial, f.publishes, f.language, f.title, f.summary, f.content, f.severity,
        f.image_url, f.source_url, f.published_at, f.expires_at, f.recall_brand, f.recall_risk, f.recall_what_to_do,
        f.recall_countries, f.source_version,
        coalesce(b.list, '{}') as recall_barcodes, coalesce(l.list, '{}') as recall_lots
      from first f
      left join (
        select source_ref, (array_agg(distinct item order by item))[1:${BARCODES_MAX}] as list
        from parts, unnest(recall_barcodes) as item group by source_ref
      ) as b using (source_ref)
      left join (
        select source_ref, (array_agg(distinct item order by item))[1:${LOTS_MAX}] as list
        from parts, unnest(recall_lots) as item group by source_ref
      ) as l using (source_ref)
    ), merged as (
      select b.position, b.source, b.source_ref, b.publishes, b.language, b.title, b.summary, b.content, b.severity, b.image_url,
        b.source_url, b.published_at, b.expires_at, b.recall_brand, b.recall_risk, b.recall_what_to_do,
        b.recall_countries, b.source_version, t.id is null as is_new, t.id as alert_id,
        case when adds.also then ${union("recall_barcodes", BARCODES_MAX)} else b.recall_barcodes end as recall_barcodes,
        case when adds.also then ${union("recall_lots", LOTS_MAX)} else b.recall_lots end as recall_lots
      from batch b left join alerts t on t.source = b.source and t.source_ref = b.source_ref
      cross join lateral (
        select coalesce(b.is_partial and t.id is not null and t.source_version is not distinct from b.source_version, false)
          as also) as adds
      where t.id is null or (not t.is_locked and coalesce(b.source_version >= t.source_version, true))
    )
    select m.* from merged m left join alerts t on t.id = m.alert_id
    where m.is_new or (t.is_held and m.publishes)
      or (${CHANGED.map((name) => `t.${name}`).join(", ")}) is distinct from (${CHANGED.map((name) => `m.${name}`).join(", ")})`,
  writeSql: `
    updated as (
      update alerts t set ${CHANGED.map((name) => `${name} = p.${name}`).join(", ")},
        is_active = t.is_active or (t.is_held and p.publishes), is_held = t.is_held and not p.publishes
      from pending p where not p.is_new and t.id = p.alert_id
      returning 1
    ), inserted as (
      insert into alerts (source, source_ref, category, is_active, is_held, ${CHANGED.join(", ")})
      select p.source, p.source_ref, 'recall', p.publishes, not p.publishes, ${CHANGED.map((name) => `p.${name}`).join(", ")}
      from pending p where p.is_new order by p.position
      on conflict do nothing
      returning 1
    )`,
};

/** A recall's row for the target, with its texts cut to what an alert may have. */
export function recallRow(record: RecallRecord, context: ConversionContext): Conversion {
  const title = cutText(record.title, 200);
  const summary = cutText(record.summary, 1000);
  if (title === null || summary === null)
    return { problem: problem("no_text", "a recall needs a title and a reason") };
  const notes = [...record.notes];
  const { publishedAt } = record;
  let { expiresAt } = record;
  if (expiresAt !== null && expiresAt <= publishedAt) {
    notes.push(problem("bad_end", `its end ${expiresAt} is before its publication: left out`));
    expiresAt = null;
  }
  if (record.barcodes.length === 0)
    notes.push(problem("no_barcode", "names no barcode that can be read: shown among alerts only"));
  const cells = [
    context.source.id,
    record.ref,
    record.isPartial,
    context.publishes === true,
    record.language,
    title,
    summary,
    record.content,
    record.severity,
    record.imageUrl,
    record.sourceUrl,
    publishedAt,
    expiresAt,
    [...new Set(record.barcodes)].slice(0, BARCODES_MAX).sort(),
    [...new Set(record.lots)].slice(0, LOTS_MAX).sort(),
    cutText(record.brand, 200),
    cutText(record.risk, 1000),
    cutText(record.whatToDo, 2000),
    [...record.countries],
    record.version,
  ];
  return notes.length === 0 ? { cells } : { cells, notes };
}
