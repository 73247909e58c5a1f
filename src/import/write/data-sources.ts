import type postgres from "postgres";

/** A source of data with its licence. */
export interface DataSource {
  readonly id: string;
  readonly name: string;
  readonly licence: string;
  readonly attribution: string;
  readonly url: string | null;
}

export const OPEN_STREET_MAP: DataSource = {
  id: "osm",
  name: "OpenStreetMap",
  licence: "ODbL 1.0",
  attribution: "© OpenStreetMap contributors",
  url: "https://www.openstreetmap.org/copyright",
};

export const OPEN_FOOD_FACTS: DataSource = {
  id: "off",
  name: "Open Food Facts",
  licence: "ODbL 1.0 / DbCL 1.0; images CC BY-SA",
  attribution: "© Open Food Facts contributors (data and product images)",
  url: "https://world.openfoodfacts.org",
};

export const ECODES: DataSource = {
  id: "ecodes",
  name: "Food E-codes with halal status",
  licence: "Artistic License 2.0",
  attribution: "Food E-codes with halal status: one author's opinion on each E-code",
  url: null,
};

export const RAPPEL_CONSO: DataSource = {
  id: "rappelconso",
  name: "RappelConso",
  licence: "Licence Ouverte 2.0",
  attribution: "RappelConso, DGCCRF (France)",
  url: "https://rappel.conso.gouv.fr",
};

export const OPEN_FDA: DataSource = {
  id: "openfda",
  name: "openFDA food enforcement reports",
  licence: "CC0 1.0",
  attribution: "U.S. Food and Drug Administration (openFDA)",
  url: "https://open.fda.gov/apis/food/enforcement/",
};

/** The source of an operator's files, unless the operator names another. */
export const OWN_FILES: DataSource = {
  id: "import",
  name: "Imported file",
  licence: "not stated",
  attribution: "Imported by the operator",
  url: null,
};

/** The source of rows for load tests. */
export const BENCH_SOURCE: DataSource = {
  id: "bench",
  name: "Benchmark data",
  licence: "CC0-1.0",
  attribution: "Invented for load tests by this project",
  url: null,
};

export const KNOWN_SOURCES: readonly DataSource[] = [
  OPEN_STREET_MAP,
  OPEN_FOOD_FACTS,
  ECODES,
  RAPPEL_CONSO,
  OPEN_FDA,
  OWN_FILES,
];

/** Inserts or updates the source's row; writes nothing when the row is up to date. */
export async function saveDataSource(
  sql: postgres.Sql | postgres.TransactionSql,
  source: DataSource,
): Promise<void> {
  await sql`
    insert into data_sources as t (id, name, licence, attribution, url)
    values (${source.id}, ${source.name}, ${source.licence}, ${source.attribution}, ${source.url})
    on conflict (id) do update
    set name = excluded.name, licence = excluded.licence, attribution = excluded.attribution, url = excluded.url
    where (t.name, t.licence, t.attribution, t.url)
      is distinct from (excluded.name, excluded.licence, excluded.attribution, excluded.url)`;
}

/** Records that an import changed rows of the source. */
export async function touchDataSource(
  transaction: postgres.TransactionSql,
  source: DataSource,
): Promise<void> {
  await transaction`update data_sources set imported_at = now() where id = ${source.id}`;
}
