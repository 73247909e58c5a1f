import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createHalalClient,
  errorFactsOf,
  type FetchLike,
  type HalalClient,
  type HalalClientOptions,
  memoryStorage,
} from "../../../packages/client/src/index.ts";
import { halalQueries } from "../../../packages/client/src/queries.ts";
import { signToken } from "../../../src/http/token.ts";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { JWT_SECRET, openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let storeId: string;
const clients: HalalClient[] = [];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  [storeId = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1, name: "Seen" }]);
  await insertAdditives(stack.sql, [
    {
      code: "E471",
      en: "Mono- and diglycerides",
      halalStatus: "doubtful",
      rulings: [{ madhab: "hanafi", halalStatus: "haram" }],
    },
  ]);
  await stack.sql`update additives set status_source = 'A council' where code = 'E471'`;
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});
afterAll(() => stack.close());

/** A request that the client has sent. */
interface Sent {
  readonly method: string;
  readonly url: string;
}

/** A client whose network can be switched off, and which tells of what it sends. */
function phone(options: Partial<HalalClientOptions> = {}) {
  const sent: Sent[] = [];
  const network = { isOn: true };
  const watched: FetchLike = async (url, init) => {
    sent.push({ method: init?.method ?? "GET", url });
    if (!network.isOn) throw new TypeError("Network request failed");
    return fetch(url, init);
  };
  const client = createHalalClient({ url: `${instance.url}/`, fetch: watched, ...options });
  clients.push(client);
  return { client, sent, network };
}

const tokenOf = async (id = randomUUID()) => (await bearer({ id })).slice("Bearer ".length);

describe("calls", () => {
  it("of the same tick travel together, thirty in a request at most", async () => {
    const { client, sent } = phone();
    const codes = Array.from({ length: 65 }, () => "E471");
    const answers = await Promise.all(
      codes.map((code) => client.trpc.additive.byCode.query({ code })),
    );
    expect(new Set(answers.map((one) => one.code))).toEqual(new Set(["E471"]));
    expect(sent).toHaveLength(3);
    expect(sent.every(({ method, url }) => method === "GET" && url.length <= 2_000)).toBe(true);
  });

  it("with an input that is too long for an address are sent by POST", async () => {
    const { client, sent } = phone();
    const codes = Array.from({ length: 100 }, (_, n) => `E471 ${"x".repeat(n)}`);
    const { notUnderstood } = await client.trpc.additive.forCodes.query({ codes });
    expect(notUnderstood.length).toBeGreaterThan(90);
    expect(sent.map(({ method }) => method)).toEqual(["POST"]);
  });

  it("that meet an expired token share one refresh, and are sent once more each", async () => {
    const id = randomUUID();
    const expired = await signToken(
      JWT_SECRET,
      { id, isAdmin: false },
      { lifetimeSeconds: -60, issuer: null, audience: null },
    );
    let token = expired;
    let refreshes = 0;
    const { client, sent } = phone({
      getToken: async ({ refresh }) => {
        if (refresh) {
          refreshes += 1;
          token = await tokenOf(id);
        }
        return token;
      },
    });
    await client.queue.flush();
    const answers = await Promise.all([
      client.trpc.account.profile.query(),
      client.trpc.scans.stats.query(),
      client.trpc.favorites.refs.query(),
    ]);
    expect(answers).toHaveLength(3);
    expect([refreshes, sent.length]).toEqual([1, 2]);
  });

  it("fail when the new token is refused as well", async () => {
    const expired = await signToken(
      JWT_SECRET,
      { id: randomUUID(), isAdmin: false },
      { lifetimeSeconds: -60, issuer: null, audience: null },
    );
    const { client, sent } = phone({ getToken: () => expired });
    const failure = await client.trpc.account.profile.query().catch(errorFactsOf);
    expect(failure).toMatchObject({ code: "UNAUTHORIZED", reason: "token_expired" });
    expect(sent).toHaveLength(2);
  });

  it("over the limit fail at once with the wait when that is long, and others are not even sent", async () => {
    // A user has a limit of their own; the address is that of every test of the stack.
    const environment = { RATE_LIMIT_PER_MINUTE: "3", RATE_LIMIT_PER_ADDRESS: "1000000" };
    const limited = await stack.startInstance({ environment });
    const token = (await bearer({ id: randomUUID() })).replace("Bearer ", "");
    const getToken = () => Promise.resolve(token);
    const { client, sent } = phone({ url: limited.url, retryAfterMaxSeconds: 0, getToken });
    const ask = () => client.trpc.certifier.list.query();
    for (let n = 0; n < 3; n += 1) await ask();
    for (let n = 0; n < 2; n += 1) {
      const facts = await ask().catch(errorFactsOf);
      expect(facts).toMatchObject({ code: "TOO_MANY_REQUESTS", reason: "rate_limited" });
    }
    expect(sent).toHaveLength(4);
    await limited.close();
  });

  it("are sent again after Retry-After, a mutation only when it was not made", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.method ?? "");
      const isFirst = seen.length === 1;
      const [status, body, headers]: [number, string, object] = !isFirst
        ? [200, '[{"result":{"data":[]}}]', {}]
        : [request.method === "GET" ? 503 : 429, "<html>busy</html>", { "retry-after": "0" }];
      response.writeHead(status, headers as Record<string, string>).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { client } = phone({ url });
    await client.trpc.certifier.list.query();
    expect(seen.splice(0)).toEqual(["GET", "GET"]);
    await client.trpc.favorites.add.mutate({ kind: "store", id: storeId });
    expect(seen.splice(0)).toEqual(["POST", "POST"]);
    server.close();
  });
});

describe("offline", () => {
  it("a product that was seen answers with its age, and one that was not does not", async () => {
    const [seen] = await insertProducts(stack.sql, [{ name: "Known here" }]);
    let nowMs = Date.now();
    const { client, network } = phone({ nowMs: () => nowMs });
    const barcode = seen?.barcode ?? "";
    const online = await client.products.byBarcode({ barcode });
    expect(online).toMatchObject({ answeredBy: "server", ageSeconds: 0 });
    network.isOn = false;
    nowMs += 90_000;
    const offline = await client.products.byBarcode({ barcode: `]E0${barcode}` });
    expect(offline).toEqual({
      barcode: online.barcode,
      product: online.product,
      verdict: online.verdict,
      boycott: online.boycott,
      recalls: [],
      answeredBy: "device",
      ageSeconds: 90,
    });
    await expect(client.products.byBarcode({ barcode: newBarcode() })).rejects.toThrow("Network");
    await expect(client.products.byBarcode({ barcode, madhab: "maliki" })).rejects.toThrow(
      "Network",
    );
    const query = halalQueries(client).product.byBarcode({ barcode });
    expect(query.queryKey).toEqual(["halal", "product.byBarcode", { barcode }]);
    const { signal } = new AbortController();
    expect(await query.queryFn({ signal })).toMatchObject({ answeredBy: "device" });
  });

  it("an additive keeps the source of its ruling, from the server and from the device", async () => {
    // An older server has no list of additives, so each is asked for alone.
    const withoutLists: FetchLike = (url, init) =>
      url.includes("/lists/")
        ? Promise.resolve(new Response(null, { status: 404 }))
        : fetch(url, init);
    const { client: ofOldServer } = phone({ fetch: withoutLists });
    const { client } = phone();
    const answers = [
      await ofOldServer.additives.byCode({ code: "E471" }),
      await client.additives.byCode({ code: "E471" }),
    ];
    expect(answers.map(({ source, answeredBy }) => [source, answeredBy])).toEqual([
      ["A council", "server"],
      ["A council", "device"],
    ]);
  });

  it("an additive that any call has shown answers in every spelling and for every school", async () => {
    const { client, network } = phone();
    await client.trpc.additive.forCodes.query({ codes: ["E471"] });
    network.isOn = false;
    expect(await client.additives.byCode({ code: "e-471", madhab: "hanafi" })).toMatchObject({
      answeredBy: "device",
      effectiveStatus: "haram",
      ruling: { madhab: "hanafi" },
    });
    expect(await client.additives.byCode({ code: "INS 471" })).toMatchObject({
      effectiveStatus: "doubtful",
      ruling: null,
    });
  });

  it("a scan is kept, answers from what was seen, and is recorded once when the network is back", async () => {
    const id = randomUUID();
    const token = await tokenOf(id);
    const [product] = await insertProducts(stack.sql, [{ name: "Shelf" }]);
    const barcode = product?.barcode ?? "";
    const { client, network } = phone({ getToken: () => token });
    const first = await client.scans.record({ barcode });
    expect(first).toMatchObject({
      answeredBy: "server",
      isRecorded: true,
      product: { name: "Shelf" },
    });
    network.isOn = false;
    const second = await client.scans.record({ barcode, latitude: 1, longitude: 2 });
    expect(second).toMatchObject({
      answeredBy: "device",
      isRecorded: false,
      verdict: first.verdict,
    });
    const unseen = await client.scans.record({ barcode: newBarcode() });
    expect(unseen).toMatchObject({ answeredBy: "none", isRecorded: false, verdict: null });
    expect(await client.queue.countWaiting()).toBe(2);
    await expect(client.scans.record({ barcode: "4006381333930" })).rejects.toMatchObject({
      reason: "barcode_check_digit",
    });
    network.isOn = true;
    await client.queue.flush();
    const rows = await stack.sql`
      select id::text, latitude from scans where user_id = ${id} order by scanned_at`;
    expect(rows.map((row) => [row["id"], row["latitude"]])).toEqual([
      [first.id, null],
      [second.id, 1],
      [unseen.id, null],
    ]);
  });

  it("a scan behind others, and a guest's, show the product before they are recorded", async () => {
    const [product] = await insertProducts(stack.sql, [{ name: "Behind" }]);
    const barcode = product?.barcode ?? "";
    const storage = memoryStorage();
    let token: string | null = null;
    const { client } = phone({ storage, getToken: () => token });
    expect(await client.scans.record({ barcode })).toMatchObject({
      answeredBy: "server",
      isRecorded: false,
      product: { name: "Behind" },
    });
    const id = randomUUID();
    token = await tokenOf(id);
    await client.queue.flush();
    expect(await client.queue.countWaiting()).toBe(0);
    expect(await stack.sql`select 1 from scans where user_id = ${id}`).toHaveLength(1);
  });

  it("favourites end as they were last set, also when the clock of the phone is wrong", async () => {
    const id = randomUUID();
    const token = await tokenOf(id);
    const [product] = await insertProducts(stack.sql, [{}]);
    const item = { kind: "product", id: product?.id.toUpperCase() ?? "" } as const;
    const unknown = { kind: "store", id: randomUUID() } as const;
    let nowMs = Date.now() + 3_600_000;
    const { client, network } = phone({ getToken: () => token, nowMs: () => nowMs });
    await client.favorites.set(item, true);
    await client.queue.flush();
    network.isOn = false;
    await client.favorites.set(unknown, true);
    await client.favorites.set({ kind: "store", id: storeId }, true);
    // Set right by an hour and more.
    nowMs -= 4_000_000;
    await client.favorites.set(item, false);
    await client.favorites.set(item, true);
    await client.favorites.set({ kind: "store", id: storeId }, false);
    network.isOn = true;
    await client.queue.flush();
    const { items } = await client.trpc.favorites.refs.query();
    expect(items.map((one) => one.id)).toEqual([product?.id]);
    expect(await client.queue.refused()).toMatchObject([{ lane: "favorites", code: "NOT_FOUND" }]);
    expect(await client.queue.countWaiting()).toBe(0);
  });
});
