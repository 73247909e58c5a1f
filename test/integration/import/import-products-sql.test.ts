import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PRODUCT_TARGET } from "../../../src/import/kinds/products/target.ts";
import { openStack, type Stack } from "../../support/stack.ts";

/** Few enough that a join would read them all. */
const STORED = 4_000;
const BATCH = 2_500;

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(async () => {
  await stack.close();
});

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

describe("a batch of products", () => {
  it("finds the rows of its many barcodes by the index, and does not read the whole table", async () => {
    await stack.sql.begin(async (transaction) => {
      await transaction`insert into data_sources (id, name, licence, attribution) values ('off', 'OFF', 'x', 'x') on conflict do nothing`;
      await transaction`
        insert into products (barcode, name, source)
        select lpad(n::text, 14, '0'), 'Stored ' || n, 'off' from generate_series(1, ${STORED}::int) as n`;
      // The session's own table, and the settings of this transaction only.
      const columns = PRODUCT_TARGET.columns.map(({ name, type }) => `${name} ${type}`).join(", ");
      await transaction.unsafe(
        `create temporary table import_batch (position bigint not null, ${columns}) on commit drop`,
      );
      await transaction`
        insert into import_batch (position, barcode, says)
        select n, lpad(n::text, 14, '0'), '{}' from generate_series(1, ${BATCH}::int) as n`;
      await transaction`analyze products`;
      const [row] = await transaction.unsafe<{ "QUERY PLAN": readonly { Plan: PlanNode }[] }[]>(
        `explain (format json) ${PRODUCT_TARGET.pendingSql}`,
      );
      const plan = row?.["QUERY PLAN"][0]?.Plan;
      const reads = (plan === undefined ? [] : nodesOf(plan)).filter(
        (node) => node["Relation Name"] === "products",
      );
      expect(reads.map((node) => node["Node Type"])).toEqual(["Index Scan"]);
    });
  });
});

describe("the terms by which products are found", () => {
  it("are the words, each category, the verdict, and each school for which it is halal", async () => {
    const [row] = await stack.sql<{ terms: string; many: number; none: string }[]>`
      select product_terms('pork pie', array['en:pies', 'en:' || repeat('x', 500)], 'doubtful', 'halal', 'haram', 'halal', 'unknown')::text as terms,
        length(product_terms('', array(select 'c' || n from generate_series(1, 200) as n), 'halal', 'halal', 'halal', 'halal', 'halal')) as many,
        product_terms('a', '{}', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown')::text as none`;
    expect(row?.terms.split(" ").sort()).toEqual(
      [
        "'#en:pies'",
        `'#en:${"x".repeat(397)}'`,
        "'+hanafi'",
        "'+maliki'",
        "'=doubtful'",
        "'pie'",
        "'pork'",
      ].sort(),
    );
    expect(row?.many).toBe(200 + 1 + 4);
    expect(row?.none).toBe("'=unknown' 'a'");
  });
});
