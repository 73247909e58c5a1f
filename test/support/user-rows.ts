import { randomInt, randomUUID } from "node:crypto";
import { type SQL, sql as statement } from "drizzle-orm";
import { pino } from "pino";
import type postgres from "postgres";
import type { Db } from "../../src/db/client/database.ts";
import { type RawClient, rawClientOf } from "../../src/db/client/raw-rows.ts";
import { readPrimary } from "../../src/db/replicas/reads.ts";
import type { VerdictReason } from "../../src/db/tables/products.ts";
import type { BoycottLevel, HalalStatus } from "../../src/db/tables/vocabulary.ts";
import { gtinCheckDigit } from "../../src/food/barcode.ts";
import type { User } from "../../src/trpc/context.ts";
import { type Languages, NO_LANGUAGES } from "../../src/trpc/languages.ts";
import { appRouter } from "../../src/trpc/router.ts";
import type { Instance } from "./stack.ts";
import { insertTestSource } from "./store-rows.ts";

/** A GTIN-13 that no other row has, outside the in-store ranges. */
export function newBarcode(companyPrefix = "376"): string {
  const digits = String(randomInt(1e9)).padStart(12, "0");
  const payload = companyPrefix + digits.slice(companyPrefix.length);
  return `${payload}${gtinCheckDigit(payload)}`;
}

/** A product as a test makes it. */
export interface FullProductSeed {
  /** GTIN-13. */
  readonly barcode?: string;
  readonly name?: string;
  readonly brand?: string | null;
  readonly halalStatus?: HalalStatus;
  readonly confidenceScore?: number;
  readonly reasons?: readonly VerdictReason[];
  readonly additives?: readonly string[];
  readonly ingredients?: string | null;
  readonly certifierId?: string;
}

/** Inserts one product; gives its id and GTIN-13. */
export async function insertProduct(
  sql: postgres.Sql,
  seed: FullProductSeed = {},
): Promise<{ id: string; barcode: string }> {
  const [product] = await insertProducts(sql, [seed]);
  if (product === undefined) throw new Error("no product");
  return product;
}

/** Inserts products; gives id and GTIN-13 of each in the order of the seeds. */
export async function insertProducts(
  sql: postgres.Sql,
  seeds: readonly FullProductSeed[],
): Promise<{ id: string; barcode: string }[]> {
  await insertTestSource(sql);
  const rows = seeds.map((seed) => ({
    id: randomUUID(),
    barcode: newBarcode(),
    name: "A product",
    brand: null,
    halalStatus: "unknown",
    confidenceScore: 0,
    reasons: [],
    additives: [],
    ingredients: null,
    certifierId: null,
    ...seed,
  }));
  await sql`
    insert into products (id, barcode, name, brand, halal_status, confidence_score, reasons, additives, ingredients,
      labels, names, certifier_id, source)
    select id, '0' || barcode, name, brand, "halalStatus", "confidenceScore", reasons, additives, ingredients,
      array['en:halal'], jsonb_build_object('en', name), "certifierId", 'test'
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(
      id uuid, barcode text, name text, brand text, "halalStatus" text, "confidenceScore" float8, reasons jsonb,
      additives text[], ingredients text, "certifierId" text)`;
  return rows.map(({ id, barcode }) => ({ id, barcode }));
}

/** Inserts a certifier; gives its id. */
export async function insertCertifier(
  sql: postgres.Sql,
  name: string,
  trustScore: number,
): Promise<string> {
  const id = `c-${randomUUID().slice(0, 8)}`;
  await sql`insert into certifiers (id, name, country, trust_score) values (${id}, ${name}, 'FR', ${trustScore})`;
  return id;
}

/** A boycott target as a test makes it. */
export interface BoycottSeed {
  readonly companyName: string;
  readonly brands?: readonly string[];
  readonly parentCompany?: string;
  readonly level?: BoycottLevel;
  readonly gtinPrefixes?: readonly string[];
  readonly active?: boolean;
}

/** Inserts boycott targets. */
export async function insertBoycotts(
  sql: postgres.Sql,
  seeds: readonly BoycottSeed[],
): Promise<void> {
  const rows = seeds.map((seed) => ({
    brands: [],
    parentCompany: null,
    level: "official",
    gtinPrefixes: [],
    active: true,
    ...seed,
  }));
  await sql`
    insert into boycott_targets (company_name, brands, parent_company, level, gtin_prefixes, active)
    select "companyName", brands, "parentCompany", level, "gtinPrefixes", active
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(
      "companyName" text, brands text[], "parentCompany" text, level text, "gtinPrefixes" text[], active boolean)`;
}

/** Inserts scans of a user, one at each instant; gives their ids in the same order. */
export async function insertScansAt(
  sql: postgres.Sql,
  userId: string,
  instants: readonly string[],
  halalStatus: HalalStatus = "unknown",
): Promise<string[]> {
  const rows = instants.map((at) => ({ id: randomUUID(), at, barcode: `0${newBarcode()}` }));
  await sql`
    insert into scans (user_id, id, barcode, scanned_at, halal_status, confidence)
    select ${userId}, id, barcode, at, ${halalStatus}, 0
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, barcode text, at timestamptz)`;
  return rows.map(({ id }) => id);
}

/** Procedures called in this process, with a clock and a database of the test's choice. */
export function callerOf(
  { deps }: Instance,
  options: {
    readonly user?: User;
    readonly now?: () => Date;
    readonly db?: Db;
    readonly languages?: Languages;
  },
): ReturnType<typeof appRouter.createCaller> {
  return appRouter.createCaller({
    requestId: randomUUID(),
    user: options.user ?? null,
    tokenError: null,
    languages: options.languages ?? NO_LANGUAGES,
    db: options.db ?? deps.db,
    reads: options.db === undefined ? deps.reads : readPrimary(options.db),
    cache: deps.cache,
    logger: pino({ level: "silent" }),
    now: options.now ?? deps.now,
    lookUp: deps.lookUp,
    analyse: deps.analyse,
    answers: [],
    onFinished: () => {},
  });
}

/** A database that counts the statements it is given. */
export function countingDb(db: Db): { readonly db: Db; readonly count: () => number } {
  let statements = 0;
  const counting = new Proxy(db, {
    get(object, name) {
      if (name === "execute") {
        return (query: SQL) => {
          statements += 1;
          return object.execute(query);
        };
      }
      if (name === "transaction" || name === "$client")
        throw new Error("statements of transactions and for raw rows are not counted");
      return Reflect.get(object, name) as unknown;
    },
  });
  return { db: counting, count: () => statements };
}

/** A node of a plan that reads a table: how, which one, and by which index. */
export interface PlanNode {
  readonly type: string;
  readonly relation: string | null;
  readonly index: string | null;
}

/** The nodes of a plan that PostgreSQL gave as JSON. */
function nodesOf(plan: unknown): PlanNode[] {
  const nodes: PlanNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one);
    } else if (typeof value === "object" && value !== null) {
      const fields = value as Readonly<Record<string, unknown>>;
      const text = (name: string) => {
        const field = fields[name];
        // Of a partition, or of its index, the table's.
        return typeof field === "string" ? field.replace(/_p\d\d$/, "") : null;
      };
      const type = text("Node Type");
      if (type !== null) {
        nodes.push({ type, relation: text("Relation Name"), index: text("Index Name") });
      }
      for (const one of Object.values(fields)) visit(one);
    }
  };
  visit(plan);
  return nodes;
}

async function explain(db: Db, text: SQL): Promise<PlanNode[]> {
  const [row] = await db.execute(statement`explain (format json) ${text}`);
  return nodesOf(row?.["QUERY PLAN"]);
}

/** A database that keeps the plan of each statement that it runs. */
export function explainingDb(db: Db): { readonly db: Db; readonly plans: readonly PlanNode[][] } {
  const plans: PlanNode[][] = [];
  const explaining = new Proxy(db, {
    get(object, name) {
      if (name === "execute") {
        return async (query: SQL) => {
          plans.push(await explain(object, query));
          return await object.execute(query);
        };
      }
      if (name === "$client") return explainingClient(object, plans);
      if (name === "transaction") throw new Error("a transaction's statements are not explained");
      return Reflect.get(object, name) as unknown;
    },
  });
  return { db: explaining, plans };
}

/** The client of a database, for queries that want their rows in bytes. */
function explainingClient(db: Db, plans: PlanNode[][]): RawClient {
  const client = rawClientOf(db);
  return {
    unsafe: (text, values) => ({
      async raw() {
        const [row] = await client.unsafe(`explain (format json) ${text}`, values).raw();
        plans.push(nodesOf(JSON.parse(String(row?.[0]))));
        return await client.unsafe(text, values).raw();
      },
    }),
  };
}

/** The plan of the first statement that a query function makes. */
export async function planOf(db: Db, query: (db: Db) => Promise<unknown>): Promise<PlanNode[]> {
  let nodes: PlanNode[] = [];
  const explaining = {
    execute: async (text: SQL) => {
      nodes = await explain(db, text);
      return [];
    },
  } as unknown as Db;
  try {
    await query(explaining);
  } catch {
    // A query function that expects a row does not get one.
  }
  if (nodes.length === 0) throw new Error("no plan");
  return nodes;
}
