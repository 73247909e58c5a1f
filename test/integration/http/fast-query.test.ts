import { drizzle } from "drizzle-orm/postgres-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { CACHE_NAMES } from "../../../src/cache/names.ts";
import { flushCache } from "../../../src/db/cache-events.ts";
import { createApp } from "../../../src/app.ts";
import { openServer, type OpenServer } from "../../../src/http/server.ts";
import { exampleInputs, PROCEDURES, WITHOUT_FAST_QUERIES } from "../../support/procedures.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

let stack: Stack;
let instance: Instance;
/** Inputs by procedure: its own here, else the example of the reference. */
let questions: Record<string, unknown>;
const PLACE = { latitude: 55.6761, longitude: 12.5683 };
/** tRPC ignores a parameter that it does not know; the endpoint leaves such a request to Hono. */
const THROUGH_HONO = "&through=hono";
/** The same process without fast queries. */
let procedures: OpenServer;

beforeAll(async () => {
  stack = await openStack();
  const [id] = await insertStores(
    stack.sql,
    Array.from({ length: 60 }, (_, i) => ({
      latitude: PLACE.latitude + Math.sin(i * 5.7) * 0.01,
      longitude: PLACE.longitude + Math.cos(i * 2.9) * 0.02,
      name: `Købmand "№ ${i}" \\ ملحمة`,
      openingHours: i % 2 === 0 ? "24/7" : "Mo-Su 10:00-20:00",
    })),
  );
  await stack.sql`insert into certifiers (id, name, country) values ('avs', 'AVS', 'FR'), ('hmc', 'HMC', 'GB')`;
  await stack.sql`insert into boycott_targets (company_name, level) values ('Acme', 'community')`;
  await stack.sql`insert into additives (code, name_en, halal_status) values ('E471', 'Mono- and diglycerides', 'doubtful')`;
  await stack.sql`insert into additive_rulings (additive_code, madhab, halal_status) values ('E471', 'hanafi', 'haram')`;
  await stack.sql`insert into products (barcode, name, additives, ingredients, source)
    values ('04006381333931', 'Bonbons "acidulés" ملبس', '{E471}', 'sugar, E471', 'test')`;
  await stack.sql`insert into alerts (title, summary, severity, category)
    select 'Recall ' || n, 'Gelatine, "pork"', 'warning', 'recall' from generate_series(1, 3) n`;
  instance = await stack.startInstance();
  procedures = await openServer("127.0.0.1", 0);
  await procedures.serve(createApp(instance.deps, WITHOUT_FAST_QUERIES));
  const inputOf = exampleInputs(instance.url, {
    public: undefined,
    user: undefined,
    admin: undefined,
  });
  const examples = PROCEDURES.filter(({ isCached }) => isCached).map(
    async (one) => [one.path, await inputOf(one)] as const,
  );
  questions = {
    ...Object.fromEntries(await Promise.all(examples)),
    "store.nearby": PLACE,
    "store.markers": { ...PLACE, radiusKm: 3 },
    "store.byId": { id },
    "additive.byCode": { code: "e 471", madhab: "hanafi" },
    "product.byBarcode": { barcode: "4006381333931", madhab: "hanafi" },
    "boycott.check": { barcode: "4006381333931" },
    "store.search": { query: "Købmand", near: PLACE, limit: 7 },
    "alerts.list": { limit: 2 },
  };
});

afterAll(async () => {
  await procedures.close(0, 1_000);
  await stack.close();
});

function address(paths: readonly string[], isBatch: boolean): string {
  const inputs = paths.map((path) => questions[path]);
  const input = isBatch
    ? Object.fromEntries(inputs.flatMap((one, i) => (one === undefined ? [] : [[i, one]])))
    : inputs[0];
  const query = input === undefined ? "" : `input=${encodeURIComponent(JSON.stringify(input))}`;
  return `${instance.url}/trpc/${paths.join(",")}?${isBatch ? "batch=1&" : ""}${query}`.replace(
    /[?&]$/,
    "",
  );
}

async function ask(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers: { "accept-encoding": "identity", ...headers } });
  const own = Object.fromEntries(response.headers);
  const varying = "date x-request-id connection keep-alive ratelimit-remaining ratelimit-reset";
  for (const name of varying.split(" ")) delete own[name];
  return { status: response.status, headers: own, body: Buffer.from(await response.arrayBuffer()) };
}

/** Answers of the same request with warm caches: by procedures, through Hono and before Hono. */
async function askAll(url: string, headers: Record<string, string> = {}) {
  const { port } = new URL(url);
  const byProcedure = await ask(url.replace(port, String(procedures.port)), headers);
  await ask(url, headers);
  const throughHono = url.includes("?")
    ? `${url}${THROUGH_HONO}`
    : `${url}?${THROUGH_HONO.slice(1)}`;
  const before = instance.directAnswers();
  const hono = await ask(throughHono, headers);
  expect(instance.directAnswers()).toBe(before);
  const fast = await ask(url, headers);
  expect(instance.directAnswers()).toBe(before + 1);
  expect(hono).toEqual(fast);
  const { "x-cache": _, ...others } = byProcedure.headers;
  return {
    procedure: { ...byProcedure, headers: { ...others, "x-cache": fast.headers["x-cache"] } },
    fast,
  };
}

async function signedIn(id = "6f2c1a50-6d2b-4c39-9a53-1d6f0a1f1b11") {
  return { authorization: await bearer({ id }) };
}

const cached = PROCEDURES.flatMap(({ path, isCached }) => (isCached ? [path] : []));
const batches = [
  ...cached.map((path) => [path]),
  ["store.nearby", "certifier.list", "additive.byCode", "boycott.list"],
  ["store.nearby", "store.nearby", "store.markers", "store.byId"],
];

describe("a fast query answers like its procedure", () => {
  it.each(cached)("%s, asked alone", async (path) => {
    const { procedure, fast } = await askAll(address([path], false));
    expect(fast.status).toBe(200);
    expect(fast.body.toString()).toBe(procedure.body.toString());
    expect(fast.headers).toEqual(procedure.headers);
    expect(fast.headers["x-cache"]).toBe("HIT");
  });

  it.each(batches)("%s, in a batch", async (...paths) => {
    const { procedure, fast } = await askAll(address(paths, true));
    expect(fast.body.toString()).toBe(procedure.body.toString());
    expect(fast.headers).toEqual(procedure.headers);
  });

  it.each(["br", "gzip"])("compressed by %s from 1 KiB on", async (coding) => {
    const url = address(["store.nearby"], false);
    const { procedure, fast } = await askAll(url, { "accept-encoding": coding });
    expect(fast.headers).toEqual(procedure.headers);
    expect(fast.headers["content-encoding"]).toBe(coding);
    expect(fast.body).toEqual(procedure.body);
    const small = await ask(address(["boycott.list"], false), { "accept-encoding": coding });
    expect(small.headers["content-encoding"]).toBeUndefined();
  });

  it("also for numbers that PostgreSQL writes differently from JavaScript", async () => {
    await insertStores(stack.sql, [
      { latitude: 0.00002, longitude: -0.00005, name: "a name:1.5e-7 that looks like one" },
      { latitude: 0.0001, longitude: 0.00000123 },
    ]);
    await stack.sql`update stores set latitude = '-0' where longitude = ${0.00000123}`;
    await instance.deps.cache.catchUp();
    const input = encodeURIComponent(JSON.stringify({ latitude: 0.001, longitude: 0.001 }));
    const { procedure, fast } = await askAll(`${instance.url}/trpc/store.nearby?input=${input}`);
    expect(fast.body.toString()).toBe(procedure.body.toString());
    expect(fast.body.toString()).toContain('"latitude":0.00002,"longitude":-0.00005');
    expect(fast.body.toString()).toContain('"latitude":0,"longitude":0.00000123');
  });

  it("for a signed-in user, whose answers must not be stored", async () => {
    const headers = await signedIn();
    const { procedure, fast } = await askAll(address(["store.nearby"], false), headers);
    expect(fast.headers).toEqual(procedure.headers);
    expect(fast.headers["cache-control"]).toBe("no-store");
    expect(fast.headers["etag"]).toBeUndefined();
    expect(fast.body).toEqual(procedure.body);
  });

  it("with 304 for a client that has the answer", async () => {
    const url = address(["store.nearby"], false);
    const { etag } = (await ask(url)).headers;
    const headers = { "if-none-match": `"other", W/${etag}` };
    const { procedure, fast } = await askAll(url, headers);
    expect(fast.status).toBe(304);
    expect(fast.body).toHaveLength(0);
    expect(procedure.status).toBe(304);
    expect(fast.headers).toEqual(procedure.headers);
  });
});

describe("an answer that is not in memory", () => {
  async function askCold(url: string, headers: Record<string, string> = {}) {
    for (const name of CACHE_NAMES) await flushCache(drizzle(stack.sql), name);
    await instance.deps.cache.catchUp();
    const before = instance.directAnswers();
    const cold = await ask(url, headers);
    return { cold, isDirect: instance.directAnswers() > before };
  }

  it.each(cached)("is loaded before Hono: %s", async (path) => {
    const url = address([path], false);
    const { cold, isDirect } = await askCold(url);
    expect(isDirect).toBe(true);
    expect(cold.headers["x-cache"]).toBe("MISS");
    const { procedure } = await askAll(url);
    expect(cold.body.toString()).toBe(procedure.body.toString());
    expect({ ...cold.headers, "x-cache": "HIT" }).toEqual(procedure.headers);
  });

  it.each([
    ["some of a batch", ["store.nearby", "alerts.list", "certifier.list"], "HIT"],
    ["alerts", ["alerts.list"], "BYPASS"],
    ["a user's own", ["alerts.unread", "store.byId"], "HIT"],
  ])("%s", async (_what, paths, state) => {
    const { procedure, fast } = await askAll(address(paths, true), await signedIn());
    expect(procedure.status).toBe(200);
    expect(fast.body.toString()).toBe(procedure.body.toString());
    expect(fast.headers).toEqual(procedure.headers);
    expect(fast.headers["x-cache"]).toBe(state);
  });

  it("a token that is not known yet is checked before Hono", async () => {
    const before = instance.directAnswers();
    const headers = await signedIn("6f2c1a50-6d2b-4c39-9a53-1d6f0a1f1b12");
    expect((await ask(address(["alerts.unread"], false), headers)).status).toBe(200);
    expect(instance.directAnswers()).toBe(before + 1);
  });

  it("a request that the load shedder rejects gets 503 for each call", async () => {
    const { shedder } = instance.deps;
    const enter = vi.spyOn(shedder, "enter").mockReturnValue(false);
    onTestFinished(() => enter.mockRestore());
    for (const paths of [["store.nearby"], ["store.markers", "alerts.list"]]) {
      const url = address(paths, true).replace("55.6761", "-12.5");
      for (const asked of [url, url + THROUGH_HONO]) {
        const { status, headers, body } = await ask(asked, { "x-request-id": "same" });
        expect(status).toBe(503);
        expect(headers["retry-after"]).toMatch(/^[12]$/);
        const [error, ...others] = JSON.parse(body.toString()) as object[];
        expect(others).toHaveLength(paths.length - 1);
        expect(error).toHaveProperty("error.data.code", "SERVICE_UNAVAILABLE");
      }
    }
  });

  it("a call for something that does not exist is an error beside the results of its batch", async () => {
    const paths = ["certifier.list", "store.byId", "alerts.unread"];
    const unknown = "6f2c1a50-0000-4c39-9a53-1d6f0a1f1b11";
    const url = address(paths, true).replace(/(?<=%22)[\da-f-]{36}(?=%22)/, unknown);
    const { cold, isDirect } = await askCold(url);
    expect(isDirect).toBe(true);
    expect(cold.status).toBe(207);
    const [list, store, unread] = JSON.parse(cold.body.toString()) as Record<string, unknown>[];
    expect(list).toHaveProperty("result.data.items");
    expect(store).toHaveProperty("error.data.code", "NOT_FOUND");
    expect(unread).toHaveProperty("error.data.code", "UNAUTHORIZED");
  });
});

describe("an invalid request is answered with an error", () => {
  it.each([
    ["a bad input", "/trpc/store.nearby?input=%7B%22latitude%22%3A91%7D", 400],
    ["broken JSON", "/trpc/store.nearby?input=%7B", 400],
    ["no input", "/trpc/store.nearby", 400],
    ["an unknown procedure", "/trpc/store.unheardOf", 404],
    ["a mutation by GET", "/trpc/store.create?input=%7B%7D", 405],
    [
      "a batch of 31",
      `/trpc/${Array(31).fill("certifier.list").join(",")}?batch=1&input=%7B%7D`,
      400,
    ],
  ])("%s", async (_what, path, status) => {
    const answer = await ask(instance.url + path);
    expect(answer.status).toBe(status);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.body.toString()).toContain('"error"');
  });

  it("a bad token is also rejected on a public procedure", async () => {
    const headers = { authorization: "Bearer a.b.c" };
    const answer = await ask(address(["certifier.list"], false), headers);
    expect(answer.status).toBe(401);
  });
});

it("the ETag changes exactly when the answer changes", async () => {
  const url = address(["certifier.list"], false);
  const { etag } = (await ask(url)).headers;
  await (
    await instance.as({ isAdmin: true })
  ).certifier.upsert.mutate({
    id: "avs",
    name: "AVS Association",
    country: "FR",
  });
  const changed = await ask(url);
  expect(changed.headers["etag"]).not.toBe(etag);
  expect((await ask(url)).headers["etag"]).toBe(changed.headers["etag"]);
});

it("compressed answers decode to the same answers", async () => {
  const url = address(["store.markers"], false);
  const plain = (await ask(url)).body;
  const read = async (coding: string) =>
    Buffer.from(await (await fetch(url, { headers: { "accept-encoding": coding } })).arrayBuffer());
  expect(await read("br")).toEqual(plain);
  expect(await read("gzip")).toEqual(plain);
});
