import { drizzle } from "drizzle-orm/postgres-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { CACHE_NAMES } from "../../../src/cache/names.ts";
import { flushCache } from "../../../src/db/cache-events.ts";
import { signToken } from "../../../src/http/token.ts";
import { hotProcedures } from "../../../src/trpc/hot-procedures.ts";
import { insertStores } from "../../support/store-rows.ts";
import { JWT_SECRET, openStack, type Replica, type Stack } from "../../support/stack.ts";

let stack: Stack;
let replica: Replica;
let questions: Record<string, unknown>;
const PLACE = { latitude: 55.6761, longitude: 12.5683 };
/** tRPC ignores a parameter that it does not know; the short way does not. */
const LONG_WAY = "&long=way";

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
  await stack.sql`insert into alerts (title, summary, severity, category)
    select 'Recall ' || n, 'Gelatine, "pork"', 'warning', 'recall' from generate_series(1, 3) n`;
  replica = await stack.startReplica();
  questions = {
    "store.nearby": PLACE,
    "store.markers": { ...PLACE, radiusKm: 3 },
    "store.byId": { id },
    "certifier.list": undefined,
    "boycott.list": undefined,
    "additive.byCode": { code: "e 471", madhab: "hanafi" },
    "alerts.list": { limit: 2 },
    "alerts.unread": undefined,
  };
});

afterAll(() => stack.close());

function address(paths: readonly string[], isBatch: boolean): string {
  const inputs = paths.map((path) => questions[path]);
  const input = isBatch
    ? Object.fromEntries(inputs.flatMap((one, i) => (one === undefined ? [] : [[i, one]])))
    : inputs[0];
  const query = input === undefined ? "" : `input=${encodeURIComponent(JSON.stringify(input))}`;
  return `${replica.url}/trpc/${paths.join(",")}?${isBatch ? "batch=1&" : ""}${query}`.replace(
    /[?&]$/,
    "",
  );
}

async function ask(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers: { "accept-encoding": "identity", ...headers } });
  const own = Object.fromEntries(response.headers);
  const varying = ["date", "x-request-id", "connection", "keep-alive"];
  for (const name of [...varying, "ratelimit-remaining", "ratelimit-reset"]) delete own[name];
  return { status: response.status, headers: own, body: Buffer.from(await response.arrayBuffer()) };
}

/** The same question both ways, warm. */
async function askBothWays(url: string, headers: Record<string, string> = {}) {
  const long = url.includes("?") ? `${url}${LONG_WAY}` : `${url}?${LONG_WAY.slice(1)}`;
  await ask(long, headers);
  const before = replica.shortAnswers();
  const longAnswer = await ask(long, headers);
  expect(replica.shortAnswers()).toBe(before);
  const shortAnswer = await ask(url, headers);
  expect(replica.shortAnswers()).toBeGreaterThan(before);
  return { longAnswer, shortAnswer };
}

async function signedIn(
  id = "6f2c1a50-6d2b-4c39-9a53-1d6f0a1f1b11",
): Promise<Record<string, string>> {
  const user = { id, isAdmin: false };
  const lifetime = { lifetimeSeconds: 60, issuer: null, audience: null };
  return { authorization: `Bearer ${await signToken(JWT_SECRET, user, lifetime)}` };
}

const cached = hotProcedures.map(({ path }) => path).filter((path) => !path.startsWith("alerts."));
const batches = [
  ...cached.map((path) => [path]),
  ["store.nearby", "certifier.list", "additive.byCode", "boycott.list"],
  ["store.nearby", "store.nearby", "store.markers", "store.byId"],
];

describe("the short way gives what tRPC gives", () => {
  it.each(cached)("%s, single", async (path) => {
    const { longAnswer, shortAnswer } = await askBothWays(address([path], false));
    expect(shortAnswer.status).toBe(200);
    expect(shortAnswer.body.toString()).toBe(longAnswer.body.toString());
    expect(shortAnswer.headers).toEqual(longAnswer.headers);
    expect(shortAnswer.headers["x-cache"]).toBe("HIT");
  });

  it.each(batches)("%s, in a batch", async (...paths) => {
    const { longAnswer, shortAnswer } = await askBothWays(address(paths, true));
    expect(shortAnswer.body.toString()).toBe(longAnswer.body.toString());
    expect(shortAnswer.headers).toEqual(longAnswer.headers);
  });

  it.each(["br", "gzip"])("compressed by %s from 1 KiB on", async (coding) => {
    const url = address(["store.nearby"], false);
    const { longAnswer, shortAnswer } = await askBothWays(url, { "accept-encoding": coding });
    expect(shortAnswer.headers).toEqual(longAnswer.headers);
    expect(shortAnswer.headers["content-encoding"]).toBe(coding);
    expect(shortAnswer.body).toEqual(longAnswer.body);
    const small = await ask(address(["boycott.list"], false), { "accept-encoding": coding });
    expect(small.headers["content-encoding"]).toBeUndefined();
  });

  it("also for numbers that PostgreSQL writes differently from JavaScript", async () => {
    await insertStores(stack.sql, [
      { latitude: 0.00002, longitude: -0.00005, name: "a name:1.5e-7 that looks like one" },
      { latitude: 0.0001, longitude: 0.00000123 },
    ]);
    await stack.sql`update stores set latitude = '-0' where longitude = ${0.00000123}`;
    await replica.deps.cache.written();
    const input = encodeURIComponent(JSON.stringify({ latitude: 0.001, longitude: 0.001 }));
    const { longAnswer, shortAnswer } = await askBothWays(
      `${replica.url}/trpc/store.nearby?input=${input}`,
    );
    expect(shortAnswer.body.toString()).toBe(longAnswer.body.toString());
    expect(shortAnswer.body.toString()).toContain('"latitude":0.00002,"longitude":-0.00005');
    expect(shortAnswer.body.toString()).toContain('"latitude":0,"longitude":0.00000123');
  });

  it("to a signed-in user, whose answers nobody keeps", async () => {
    const headers = await signedIn();
    const { longAnswer, shortAnswer } = await askBothWays(
      address(["store.nearby"], false),
      headers,
    );
    expect(shortAnswer.headers).toEqual(longAnswer.headers);
    expect(shortAnswer.headers["cache-control"]).toBe("no-store");
    expect(shortAnswer.headers["etag"]).toBeUndefined();
    expect(shortAnswer.body).toEqual(longAnswer.body);
  });

  it("and 304 to who has the answer already", async () => {
    const url = address(["store.nearby"], false);
    const { etag } = (await ask(url)).headers;
    const headers = { "if-none-match": `"other", W/${etag}` };
    const { longAnswer, shortAnswer } = await askBothWays(url, headers);
    expect(shortAnswer.status).toBe(304);
    expect(shortAnswer.body).toHaveLength(0);
    expect(longAnswer.status).toBe(304);
    expect(shortAnswer.headers).toEqual(longAnswer.headers);
  });
});

describe("what is not in memory", () => {
  async function askCold(url: string, headers: Record<string, string> = {}) {
    for (const name of CACHE_NAMES) await flushCache(drizzle(stack.sql), name);
    await replica.deps.cache.written();
    const before = replica.shortAnswers();
    const cold = await ask(url, headers);
    return { cold, isShort: replica.shortAnswers() > before };
  }

  it.each(cached)("is found on the short way: %s", async (path) => {
    const url = address([path], false);
    const { cold, isShort } = await askCold(url);
    expect(isShort).toBe(true);
    expect(cold.headers["x-cache"]).toBe("MISS");
    const { longAnswer } = await askBothWays(url);
    expect(cold.body.toString()).toBe(longAnswer.body.toString());
    expect({ ...cold.headers, "x-cache": "HIT" }).toEqual(longAnswer.headers);
  });

  it.each([
    ["some of a batch", ["store.nearby", "alerts.list", "certifier.list"], "HIT"],
    ["alerts", ["alerts.list"], "BYPASS"],
    ["a user's own", ["alerts.unread", "store.byId"], "HIT"],
  ])("%s", async (_what, paths, state) => {
    const { longAnswer, shortAnswer } = await askBothWays(address(paths, true), await signedIn());
    expect(longAnswer.status).toBe(200);
    expect(shortAnswer.body.toString()).toBe(longAnswer.body.toString());
    expect(shortAnswer.headers).toEqual(longAnswer.headers);
    expect(shortAnswer.headers["x-cache"]).toBe(state);
  });

  it("nor is the token: it is checked on the short way", async () => {
    const before = replica.shortAnswers();
    const headers = await signedIn("6f2c1a50-6d2b-4c39-9a53-1d6f0a1f1b12");
    expect((await ask(address(["alerts.unread"], false), headers)).status).toBe(200);
    expect(replica.shortAnswers()).toBe(before + 1);
  });

  it("and is too much is refused alike", async () => {
    const { shedder } = replica.deps;
    const enter = vi.spyOn(shedder, "enter").mockReturnValue(false);
    onTestFinished(() => enter.mockRestore());
    for (const paths of [["store.nearby"], ["store.markers", "alerts.list"]]) {
      const url = address(paths, true).replace("55.6761", "-12.5");
      const before = replica.shortAnswers();
      const shortAnswer = await ask(url, { "x-request-id": "same" });
      expect(replica.shortAnswers()).toBe(before + 1);
      const longAnswer = await ask(url + LONG_WAY, { "x-request-id": "same" });
      for (const { status, headers, body } of [shortAnswer, longAnswer]) {
        expect(status).toBe(503);
        expect(headers["retry-after"]).toMatch(/^[12]$/);
        const [error, ...others] = JSON.parse(body.toString()) as object[];
        expect(others).toHaveLength(paths.length - 1);
        expect(error).toHaveProperty("error.data.code", "SERVICE_UNAVAILABLE");
      }
      const alike = ({ headers, body }: typeof shortAnswer) => [
        { ...headers, "retry-after": "" },
        body.toString().replaceAll(/"retryAfterSeconds":\d/g, ""),
      ];
      expect(alike(shortAnswer)).toEqual(alike(longAnswer));
    }
  });

  it("and is not there at all is an error of tRPC's", async () => {
    const paths = ["certifier.list", "store.byId", "alerts.unread"];
    const unknown = "6f2c1a50-0000-4c39-9a53-1d6f0a1f1b11";
    const url = address(paths, true).replace(/(?<=%22)[\da-f-]{36}(?=%22)/, unknown);
    const { cold, isShort } = await askCold(url);
    expect(isShort).toBe(false);
    expect(cold.status).toBe(207);
    const [list, store, unread] = JSON.parse(cold.body.toString()) as Record<string, unknown>[];
    expect(list).toHaveProperty("result.data.items");
    expect(store).toHaveProperty("error.data.code", "NOT_FOUND");
    expect(unread).toHaveProperty("error.data.code", "UNAUTHORIZED");
  });
});

describe("what is out of the ordinary goes the long way", () => {
  it.each([
    ["a bad input", "/trpc/store.nearby?input=%7B%22latitude%22%3A91%7D", 400],
    ["broken JSON", "/trpc/store.nearby?input=%7B", 400],
    ["no input", "/trpc/store.nearby", 400],
    ["an unknown procedure", "/trpc/store.unheardOf", 404],
    ["a mutation by GET", "/trpc/store.create?input=%7B%7D", 405],
    [
      "a batch of 11",
      `/trpc/${Array(11).fill("certifier.list").join(",")}?batch=1&input=%7B%7D`,
      400,
    ],
  ])("%s", async (_what, path, status) => {
    const answer = await ask(replica.url + path);
    expect(answer.status).toBe(status);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.body.toString()).toContain('"error"');
  });

  it("a bad token is refused on a public procedure, too", async () => {
    const headers = { authorization: "Bearer a.b.c" };
    const answer = await ask(address(["certifier.list"], false), headers);
    expect(answer.status).toBe(401);
  });
});

it("changes its tag with the answer, and only then", async () => {
  const url = address(["certifier.list"], false);
  const { etag } = (await ask(url)).headers;
  await (
    await replica.as({ isAdmin: true })
  ).certifier.upsert.mutate({
    id: "avs",
    name: "AVS Association",
    country: "FR",
  });
  const changed = await ask(url);
  expect(changed.headers["etag"]).not.toBe(etag);
  expect((await ask(url)).headers["etag"]).toBe(changed.headers["etag"]);
});

it("compresses to what can be read again", async () => {
  const url = address(["store.markers"], false);
  const plain = (await ask(url)).body;
  const read = async (coding: string) =>
    Buffer.from(await (await fetch(url, { headers: { "accept-encoding": coding } })).arrayBuffer());
  expect(await read("br")).toEqual(plain);
  expect(await read("gzip")).toEqual(plain);
});
