import type postgres from "postgres";
import { matchKey } from "./fields.ts";

/** A certifier that the database has. */
export interface KnownCertifier {
  readonly id: string;
  readonly name: string;
  /** 0–100. */
  readonly trustScore: number;
}

/** Of a certifier of which nothing else is known, as the table has it. */
const TRUST_SCORE = 50;

/** The certifiers at the start of an import, by what files call them. */
export interface KnownCertifiers {
  /** By slug, full name, name without what stands in brackets, or the abbreviation in them. */
  byName(name: string): KnownCertifier | null;
  /** By an Open Food Facts label tag. */
  byLabel(tag: string): KnownCertifier | null;
}

/** Reads the certifiers: a few dozen rows. */
export async function loadKnownCertifiers(sql: postgres.Sql): Promise<KnownCertifiers> {
  const rows = await sql<(KnownCertifier & { labels: string })[]>`
    select id, name, trust_score as "trustScore", array_to_json(label_tags)::text as labels from certifiers order by id`;
  return indexCertifiers(
    rows.map(({ labels, ...known }) => ({ ...known, labelTags: JSON.parse(labels) as string[] })),
  );
}

/** Indexes certifiers; of two that share a name, the first by id counts. */
export function indexCertifiers(
  certifiers: readonly (Omit<KnownCertifier, "trustScore"> & {
    readonly trustScore?: number;
    readonly labelTags: readonly string[];
  })[],
): KnownCertifiers {
  const names = new Map<string, KnownCertifier>();
  const labels = new Map<string, KnownCertifier>();
  for (const { labelTags, ...certifier } of certifiers) {
    const known = { trustScore: TRUST_SCORE, ...certifier };
    const { id, name } = known;
    const bracketed = [...name.matchAll(/\(([^)]+)\)/g)].map(([, inner = ""]) => inner);
    for (const spelling of [id, name, name.replaceAll(/\([^)]*\)/g, " "), ...bracketed]) {
      const key = matchKey(spelling);
      if (key !== "" && !names.has(key)) names.set(key, known);
    }
    for (const tag of labelTags) if (!labels.has(tag)) labels.set(tag, known);
  }
  return {
    byName: (name) => names.get(matchKey(name)) ?? null,
    byLabel: (tag) => labels.get(tag) ?? null,
  };
}
