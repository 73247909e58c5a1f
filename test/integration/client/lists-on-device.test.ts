import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createHalalClient,
  type FetchLike,
  type HalalClient,
  type HalalStorage,
  memoryStorage,
} from "../../../packages/client/src/index.ts";
import { writeListRows } from "../../support/list-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;
let admin: Awaited<ReturnType<Instance["as"]>>;
const clients: HalalClient[] = [];

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
  await writeListRows(admin, ["E471", "E120", "E322"]);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});
afterAll(() => stack.close());

function phone(storage: HalalStorage = memoryStorage(), languages: readonly string[] = []) {
  const state = { isOn: true, nowMs: Date.now() };
  const asked: string[] = [];
  const statuses: number[] = [];
  const watched: FetchLike = async (url, init) => {
    asked.push(url.slice(instance.url.length));
    if (!state.isOn) throw new TypeError("Network request failed");
    const response = await fetch(url, init);
    statuses.push(response.status);
    return response;
  };
  const nowMs = () => state.nowMs;
  const client = createHalalClient({
    url: instance.url,
    fetch: watched,
    storage,
    languages,
    nowMs,
  });
  clients.push(client);
  return { client, state, asked, statuses };
}

describe("lists on the device", () => {
  it("are those of the server, asked for once, confirmed later, and there without a network", async () => {
    const storage = memoryStorage();
    const { client, state, asked, statuses } = phone(storage);
    for (let n = 0; n < 3; n += 1) {
      const { items } = await client.certifiers.list();
      expect({ items }).toEqual(await instance.client.certifier.list.query());
      const { items: targets } = await client.boycotts.list();
      expect({ items: targets }).toEqual(await instance.client.boycott.list.query());
    }
    expect(asked).toEqual(["/lists/certifiers", "/lists/boycotts"]);
    state.nowMs += 61_000;
    expect(await client.certifiers.list()).toMatchObject({ ageSeconds: 0 });
    expect(statuses).toEqual([200, 200, 304]);
    await admin.certifier.upsert.mutate({ id: "second", name: "Second", country: "MY" });
    state.nowMs += 61_000;
    expect((await client.certifiers.list()).items.map(({ id }) => id)).toContain("second");
    const later = phone(storage);
    later.state.isOn = false;
    later.state.nowMs = state.nowMs + 3_600_000;
    expect(await later.client.certifiers.list()).toMatchObject({ ageSeconds: 3_600 });
    const empty = phone();
    empty.state.isOn = false;
    await expect(empty.client.certifiers.list()).rejects.toThrow("Network");
  });

  it("of additives are brought up to date by what has changed, and answer for each code as the server does", async () => {
    const storage = memoryStorage();
    const { client, state, asked } = phone(storage, ["fr-CA"]);
    const before = await client.additives.list();
    expect(before.items.map(({ code }) => code)).toEqual(["E120", "E322", "E471"]);
    await admin.additive.remove.mutate({ code: "E120" });
    await admin.additive.upsert.mutate({ code: "E900", halalStatus: "halal", source: "a source" });
    state.nowMs += 61_000;
    const after = await client.additives.list();
    expect(after.items.map(({ code }) => code)).toEqual(["E322", "E471", "E900"]);
    expect(asked[0]).toBe("/lists/additives?locale=fr");
    expect(asked[1]).toMatch(/^\/lists\/additives\?locale=fr&since=[0-9a-f]{8}-\d+$/);
    const questions = [
      { code: "e 471" },
      { code: "E322i", madhab: "hanafi" },
      { code: "E471", madhab: "shafii", locale: "fr" },
    ] as const;
    for (const isOn of [true, false]) {
      state.isOn = isOn;
      for (const question of questions) {
        const { answeredBy, ageSeconds, ...answer } = await client.additives.byCode(question);
        expect([answeredBy, ageSeconds]).toEqual(["device", 0]);
        const asked = { locale: "fr", ...question };
        const expected = await instance.client.additive.byCode.query(asked);
        expect(answer).toEqual(expected);
      }
    }
    expect(asked).toHaveLength(2);
    state.nowMs += 61_000;
    expect(await client.additives.byCode({ code: "E471" })).toMatchObject({ ageSeconds: 61 });
    state.isOn = true;
    expect(await client.additives.byCode({ code: "E471" })).toMatchObject({ ageSeconds: 0 });
    expect(asked.every((path) => path.startsWith("/lists/additives"))).toBe(true);
    // Another language, and a code that the list does not have, are the server's.
    expect(await client.additives.byCode({ code: "E471", locale: "en" })).toMatchObject({
      explanation: "About E471",
      answeredBy: "server",
    });
    await expect(client.additives.byCode({ code: "E120" })).rejects.toMatchObject({
      data: { code: "NOT_FOUND" },
    });
  });
});
