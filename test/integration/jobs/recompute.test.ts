import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { loadOwnLexicon } from "../../../src/seed/lexicon/load.ts";
import { analyseProducts } from "../../../src/verdict/analyse-products.ts";
import type { JobWorker } from "../../../src/job-worker.ts";
import { startStackWorker } from "../../support/job-database.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { insertProducts } from "../../support/user-rows.ts";

let stack: Stack;
let worker: JobWorker | undefined;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await loadOwnLexicon(stack.sql);
});
afterAll(async () => {
  await worker?.stop(5_000);
  await stack.close();
});

const statusOf = async (id: string) =>
  (
    await stack.sql<
      { status: string }[]
    >`select computed_status as status from products where id = ${id}`
  )[0]?.status;
const jobs = async () =>
  await stack.sql<{ state: string }[]>`
    select state::text from pgboss.job where name = 'products-analyse' order by created_on`;
const changeFruit = (status: string) =>
  stack.sql`update substance_rulings set halal_status = ${status} where substance = 'en:fruit'`;

it(
  "a change of rulings, words or additives is worked in by the worker, whoever made it and also while none runs",
  { timeout: 180_000 },
  async () => {
    await stack.sql`insert into substances (id, parents, kind, source) values ('x:grobble', '{en:fruit}', 'plant', 'test')`;
    const [product] = await insertProducts(stack.sql, [{ ingredients: "Sugar, grobblefruit." }]);
    const id = product?.id ?? "";
    await analyseProducts(stack.sql);
    expect(await statusOf(id)).not.toBe("halal");
    await stack.sql`insert into substance_words (substance, language, words, source) values ('x:grobble', 'en', '{grobblefruit}', 'test')`;
    ({ worker } = await startStackWorker(stack));
    await vi.waitFor(async () => expect(await statusOf(id)).toBe("halal"), 60_000);
    for (const status of ["doubtful", "haram"]) {
      await changeFruit(status);
      await vi.waitFor(async () => expect(await statusOf(id)).toBe(status), 60_000);
    }
    const [stale] = await stack.sql<{ n: number }[]>`
    select count(*)::int as n from products p, analysis_state s where p.computed_version is distinct from s.rulings_version`;
    expect(stale?.n).toBe(0);
  },
);

it("of many changes at once one job waits, and a change during a run has a run of its own", async () => {
  await worker?.stop(5_000);
  await stack.sql`delete from pgboss.job where name = 'products-analyse'`;
  const put = () => stack.sql`select enqueue_job('products-analyse')`;
  await put();
  await put();
  expect((await jobs()).map(({ state }) => state)).toEqual(["created"]);
  await stack.sql`update pgboss.job set state = 'active', started_on = now() where name = 'products-analyse'`;
  await put();
  await put();
  expect((await jobs()).map(({ state }) => state)).toEqual(["active", "created"]);
});
