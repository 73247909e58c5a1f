import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DEMO_RULES } from "../../../src/seed/demo/list-products.ts";
import { loadDemoData } from "../../../src/seed/demo/load.ts";
import { VERDICT_RULES } from "../../../src/verdict/verdict-rules.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await loadDemoData(stack.sql, () => {});
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

it("the demo data show every rule of a verdict", async () => {
  const user = await instance.as({ id: randomUUID() });
  const scans = DEMO_RULES.map(({ barcode, madhab }) => ({ id: randomUUID(), barcode, madhab }));
  const { outcomes } = await user.scans.recordMany.mutate({ scans });
  const shown = outcomes.map((one) =>
    one.ok
      ? {
          barcode: one.scan.barcode,
          rule: one.verdict.reasons[0]?.code,
          madhab: one.verdict.madhab,
        }
      : one.message,
  );
  expect(shown).toEqual(DEMO_RULES);
  const rules = VERDICT_RULES.map(({ code }) => code).filter(
    (code) => code !== "product_not_found",
  );
  expect([...new Set(DEMO_RULES.map(({ rule }) => rule))].toSorted()).toEqual(rules.toSorted());
});

it("the stored statuses of the demo data are those of their scans, for everybody and by school", async () => {
  const user = await instance.as({ id: randomUUID() });
  const rows = await stack.sql<Record<string, string>[]>`
    select barcode, computed_status as "general", computed_hanafi as "hanafi", computed_shafii as "shafii",
      computed_maliki as "maliki", computed_hanbali as "hanbali"
    from products order by barcode`;
  for (let from = 0; from < rows.length; from += 100) {
    const page = rows.slice(from, from + 100);
    const scans = page.map(({ barcode = "" }) => ({ id: randomUUID(), barcode }));
    const { outcomes } = await user.scans.recordMany.mutate({ scans });
    const told = outcomes.map((one) => {
      if (!one.ok) throw new Error(one.message);
      const { bySchool, halalStatus } = one.verdict;
      const schools = Object.entries(bySchool ?? {}).map(([school, decision]) => [
        school,
        decision.halalStatus,
      ]);
      return { barcode: one.scan.barcode, general: halalStatus, ...Object.fromEntries(schools) };
    });
    expect(told).toEqual(page.map((row) => ({ ...row })));
  }
});
