import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type FetchLike,
  type HalalClientOptions,
  memoryStorage,
} from "../../../packages/client/src/index.ts";
import { halalQueries } from "../../../packages/client/src/queries.ts";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";
import { closeWatchedClients, openWatchedClient } from "../../support/watched-client.ts";

let stack: Stack;
let instance: Instance;
let storeId: string;

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

afterEach(closeWatchedClients);
afterAll(() => stack.close());

const phone = (options?: Partial<HalalClientOptions>) => openWatchedClient(instance.url, options);
const tokenOf = async (id = randomUUID()) => (await bearer({ id })).slice("Bearer ".length);

describe("a client offline", () => {
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
