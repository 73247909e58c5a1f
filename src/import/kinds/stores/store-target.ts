import {
  said,
  SAYS,
  speaksOf,
  type Target,
  type TargetColumn,
  upsertTarget,
} from "../../write/upsert-target.ts";

/** Why the source has a store out of sight, with a word for people; both null for a store that is shown. */
const HIDDEN: readonly TargetColumn[] = [
  { name: "hidden_reason", type: "text", isHelper: true },
  { name: "hidden_detail", type: "text", isHelper: true },
];

/** A column that a store out of sight keeps. */
const shown = (name: string, type: string): TargetColumn => ({
  name,
  type,
  update: (existing, incoming) =>
    `case when ${incoming}.hidden_reason is null then ${incoming}.${name} else ${existing}.${name} end`,
});

const isSame = (incoming: string) =>
  `t.source = ${incoming}.source and t.source_ref = ${incoming}.source_ref`;

/**
 * Stores by the source's own key; what a file does not know (ratings, an editor's removal) stays as it is. A store that
 * its source calls closed, not halal or no place that sells food is hidden until the source says otherwise, and is not
 * taken if it is new.
 */
export const STORE_TARGET: Target = {
  ...upsertTarget({
    name: "stores",
    table: "stores",
    key: "id",
    keySql: "s.source || ' ' || s.source_ref",
    match: isSame,
    columns: [
      { name: "source", type: "text", isKey: true },
      { name: "source_ref", type: "text", isKey: true },
      SAYS,
      ...HIDDEN,
      shown("name", "text"),
      {
        name: "names",
        type: "jsonb",
        insert: (incoming) => `jsonb_strip_nulls(${incoming}.names)`,
        update: (existing, incoming) =>
          `jsonb_strip_nulls(case when ${speaksOf("names", incoming)} then ${incoming}.names else ${existing}.names || ${incoming}.names end)`,
      },
      said("other_names", "text[]"),
      said("description", "text"),
      said("store_type", "text"),
      said("address", "text"),
      said("city", "text"),
      said("postal_code", "text"),
      said("country", "text"),
      said("phone", "text"),
      said("website", "text"),
      {
        name: "image_url",
        type: "text",
        update: (existing, incoming) => `coalesce(${incoming}.image_url, ${existing}.image_url)`,
      },
      shown("latitude", "double precision"),
      shown("longitude", "double precision"),
      said("opening_hours", "text"),
      shown("time_zone", "text"),
      said("halal_claim", "text"),
      said("halal_certified", "boolean", "certification"),
      said("certifier_id", "text", "certification"),
      {
        name: "hidden_by_source",
        type: "boolean",
        insert: () => "false",
        // An editor's removal stays an editor's.
        update: (existing, incoming) =>
          `${incoming}.hidden_reason is not null and (${existing}.hidden_by_source or ${existing}.removed_at is null)`,
      },
      {
        name: "removed_at",
        type: "timestamptz",
        insert: () => "null",
        update: (existing, incoming) =>
          `case when ${incoming}.hidden_reason is not null then coalesce(${existing}.removed_at, now()) when not ${existing}.hidden_by_source then ${existing}.removed_at end`,
      },
    ],
  }),
  refuseSql: `
    delete from import_batch s
    where s.hidden_reason is not null and not exists (select from stores t where ${isSame("s")})
    returning s.position::text as position, s.hidden_reason as reason, s.hidden_detail as detail`,
};
