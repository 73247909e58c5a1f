import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { callOverHttp, exampleInput, procedureAt, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let token: string;

const NEAR = { latitude: 1, longitude: 1 };
/** Lists, asked in ways that have one row a page; of each list, no two ask the same. */
const QUESTIONS: readonly (readonly [path: string, input: object])[] = [
  ["store.search", { query: "shop" }],
  ["store.search", { query: "halal" }],
  ["store.search", { query: "shop", near: NEAR }],
  ["store.search", { query: "shop", near: { ...NEAR, latitude: 1.5 } }],
  ["store.search", { query: "shop", storeType: "butcher" }],
  ["additive.search", { query: "sugar" }],
  ["additive.search", { query: "brown sugar" }],
  ["product.search", { query: "product" }],
  ["product.search", { query: "a product" }],
  ["product.search", { query: "product", halalStatus: "unknown" }],
  ["alerts.list", {}],
  ["alerts.list", { severity: "info" }],
  ["alerts.list", { category: "food" }],
  ["scans.history", {}],
  ["favorites.list", {}],
  ["favorites.list", { kind: "product" }],
];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertStores(
    stack.sql,
    [1, 2, 3].map((n) => ({ ...NEAR, name: `Halal shop ${n}`, storeType: "butcher" as const })),
  );
  await insertAdditives(
    stack.sql,
    [1, 2, 3].map((n) => ({ code: `E90${n}`, en: `Brown sugar ${n}` })),
  );
  await stack.sql`
    insert into alerts (title, summary, severity, category)
    select 'Alert ' || i, 'Summary', 'info', 'food' from generate_series(1, 3) as i`;
  instance = await stack.startInstance();
  const user = { id: "6f2c1a50-6d2b-4c39-9a53-1d6f0a1f1b13" };
  token = await bearer(user);
  const api = await instance.as(user);
  for (const { id } of await insertProducts(stack.sql, [{}, {}, {}]))
    await api.favorites.add.mutate({ kind: "product", id });
  for (let i = 0; i < 3; i += 1)
    await api.scans.record.mutate({ id: crypto.randomUUID(), barcode: newBarcode() });
});

afterAll(() => stack.close());

async function page(path: string, input: object) {
  const { status, text } = await callOverHttp(instance.url, procedureAt(path), input, token);
  const answer = JSON.parse(text) as {
    result?: { data: { items: unknown[]; nextCursor: string | null } };
    error?: { message: string };
  };
  return { status, data: answer.result?.data, message: answer.error?.message };
}

it("serves a cursor to the list and the question it is of, with another limit, too, and to no other", async () => {
  const cursors = await Promise.all(
    QUESTIONS.map(async ([path, input]) => {
      const { data } = await page(path, { ...input, limit: 1 });
      expect([path, data?.items.length, typeof data?.nextCursor]).toEqual([path, 1, "string"]);
      return data?.nextCursor ?? "";
    }),
  );
  expect(new Set(cursors).size).toBe(cursors.length);
  for (const [place, [path, input]] of QUESTIONS.entries()) {
    for (const [from, cursor] of cursors.entries()) {
      const { status, data, message } = await page(path, { ...input, cursor, limit: 2 });
      const isOwn = from === place;
      expect([path, from, status, data?.items.length, message]).toEqual([
        path,
        from,
        isOwn ? 200 : 400,
        isOwn ? 2 : undefined,
        isOwn ? undefined : "cursor: of another list, or of another question to this one",
      ]);
    }
  }
});

/** Lists by their inputs, but for those that have questions above. */
const OTHER_LISTS = PROCEDURES.filter(
  ({ path, input }) =>
    "cursor" in (input instanceof z.ZodObject ? input.shape : {}) &&
    !QUESTIONS.some(([asked]) => asked === path),
);

it.each(OTHER_LISTS)("$path refuses the cursor of another list", async (procedure) => {
  const { data } = await page("store.search", { query: "shop", limit: 1 });
  const example = await exampleInput(procedure, () => Promise.reject(new Error("takes an answer")));
  const input = { ...(example as object), cursor: data?.nextCursor };
  const authorization = procedure.auth === "admin" ? await bearer({ isAdmin: true }) : token;
  const { status, text } = await callOverHttp(instance.url, procedure, input, authorization);
  expect([status, text]).toEqual([400, expect.stringContaining('"cursor_invalid"')]);
});

it("refuses what is no cursor, and one of an older form", async () => {
  const of = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const bad = ["", "x", of({}), of(null), of([]), of([5]), of([new Date().toISOString(), "x"])];
  for (const cursor of bad) {
    const { status, message } = await page("scans.history", { cursor });
    expect([cursor, status, message]).toEqual([cursor, 400, expect.stringMatching(/^cursor: /)]);
  }
});
