import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { HalalStatus, Madhab } from "../../src/db/tables/vocabulary.ts";

/** A product as a test makes it. */
export interface ProductSeed {
  readonly barcode: string;
  readonly brand: string | null;
}

/** Inserts a product; the source `test` must be there. */
export async function insertProduct(sql: postgres.Sql, seed: ProductSeed): Promise<void> {
  await sql`insert into products (barcode, name, brand, source) values (${seed.barcode}, 'A product', ${seed.brand}, 'test')`;
}

/** An additive as a test makes it. */
export interface AdditiveSeed {
  readonly code: string;
  readonly en?: string;
  readonly fr?: string;
  readonly ar?: string;
  readonly halalStatus?: HalalStatus;
  readonly rulings?: readonly { readonly madhab: Madhab; readonly halalStatus: HalalStatus }[];
}

/** Inserts additives with their rulings, as an import would: not locked. */
export async function insertAdditives(
  sql: postgres.Sql,
  seeds: readonly AdditiveSeed[],
): Promise<void> {
  const rows = seeds.map((seed) => ({
    code: seed.code,
    name_en: seed.en ?? null,
    name_fr: seed.fr ?? null,
    name_ar: seed.ar ?? null,
    halal_status: seed.halalStatus ?? "unknown",
  }));
  await sql`
    insert into additives (code, name_en, name_fr, name_ar, halal_status, source)
    select code, name_en, name_fr, name_ar, halal_status, 'test'
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as r(code text, name_en text, name_fr text, name_ar text, halal_status text)`;
  for (const { code, rulings = [] } of seeds) {
    for (const { madhab, halalStatus } of rulings) {
      await sql`
        insert into additive_rulings (additive_code, madhab, halal_status, explanation)
        values (${code}, ${madhab}, ${halalStatus}, 'as a test says')`;
    }
  }
}

/** A name that no other row has. */
export function uniqueName(beginning: string): string {
  return `${beginning} ${randomUUID().slice(0, 8)}`;
}

/** How an anonymous GET was answered from the cache, as its header says. */
export async function cacheStateOf(
  url: string,
  procedure: string,
  input?: unknown,
): Promise<string | null> {
  const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  const response = await fetch(`${url}/trpc/${procedure}${query}`);
  await response.arrayBuffer();
  return response.headers.get("x-cache");
}

/**
 * Reads until the answer is the expected one, or until a call that began a second after this one has answered.
 * Right after a write has returned, this is how long another instance may still show what was there before.
 */
export async function readWithinASecond<T>(read: () => Promise<T>, expected: T): Promise<T> {
  const writtenAt = performance.now();
  for (;;) {
    const isLast = performance.now() - writtenAt >= 1_000;
    const answer = await read();
    if (answer === expected || isLast) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The code of the tRPC error that a call ends with; anything else fails the test. */
export async function errorCode(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && "data" in error) {
      const { data } = error;
      if (typeof data === "object" && data !== null && "code" in data) return String(data.code);
    }
    throw error;
  }
  throw new Error("the call succeeded");
}

/** Texts that PostgreSQL cannot keep, or that are too long for every field, though not for an address. */
export const HOSTILE_TEXTS: readonly string[] = [
  "nul \u0000 inside",
  "half a pair \ud83d",
  "x".repeat(5_000),
];

/** Inserts a recall of a product. Units: `from` and `until` in ISO 8601. */
export async function insertRecall(
  sql: postgres.Sql,
  barcode: string,
  from: string,
  until: string | null = null,
): Promise<string> {
  const id = randomUUID();
  await sql`
    insert into alerts (id, title, summary, severity, category, published_at, expires_at, recall_barcodes, recall_lots,
      recall_countries)
    values (${id}, 'Recalled', 'Glass', 'critical', 'recall', ${from}, ${until}, array[${`0${barcode}`}], '{}', '{}')`;
  return id;
}
