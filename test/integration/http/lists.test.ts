import { drizzle } from "drizzle-orm/postgres-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flushCache } from "../../../src/db/cache-events.ts";
import type { AdditiveListOutput } from "../../../src/features/additive/schemas.ts";
import { eventually } from "../../support/calls.ts";
import { writeListRows } from "../../support/list-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

const EDGE = "public, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600";

let stack: Stack;
let instance: Instance;
let admin: Awaited<ReturnType<Instance["as"]>>;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
  await writeListRows(admin, ["E471", "E472a", "E120"]);
});

afterAll(() => stack.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${instance.url}${path}`, { headers });
const additives = async (query = "") =>
  (await (await get(`/lists/additives${query}`)).json()) as AdditiveListOutput;
const codesOf = ({ items }: AdditiveListOutput) => items.map(({ code }) => code);

describe("lists that are equal for everybody", () => {
  it.each([
    ["/lists/certifiers", "certifiers"],
    ["/lists/boycotts", "boycotts"],
    ["/lists/additives", "additives"],
    ["/lists/additives?locale=fr", "additives"],
    ["/app-config", "app-config"],
  ])("%s may be kept by an edge under the tag %s, and read by any page", async (path, tag) => {
    const { status, headers } = await get(path, { origin: "https://anywhere.example" });
    expect([status, headers.get("vary")]).toEqual([200, "accept-encoding"]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": EDGE,
      "cache-tag": tag,
      "surrogate-key": tag,
      xkey: tag,
      "access-control-allow-origin": "*",
    });
    const etag = headers.get("etag") ?? "";
    const again = await get(path, { "if-none-match": etag });
    expect([again.status, again.headers.get("cache-control")]).toEqual([304, EDGE]);
    const withToken = await get(path, { authorization: "Bearer nonsense" });
    expect([withToken.status, withToken.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(withToken.headers.get("xkey")).toBeNull();
  });

  it("show what the procedures show, and a change at once", async () => {
    await admin.certifier.upsert.mutate({ id: "second", name: "Second", country: "MY" });
    expect(await (await get("/lists/certifiers")).json()).toEqual(
      await instance.client.certifier.list.query(),
    );
    expect(await (await get("/lists/boycotts")).json()).toEqual(
      await instance.client.boycott.list.query(),
    );
    for (const locale of ["en", "fr"]) {
      const { items, isWhole, language, removed } = await additives(`?locale=${locale}`);
      expect([isWhole, language, removed]).toEqual([true, locale, []]);
      expect(items.map(({ code }) => code)).toEqual(["E120", "E471", "E472a"]);
      const {
        requestedCode: _,
        viaParent,
        ruling,
        effectiveStatus,
        ...asked
      } = await instance.client.additive.byCode.query({ code: "E471", locale });
      expect([viaParent, ruling, effectiveStatus]).toEqual([false, null, "doubtful"]);
      expect(items[1]).toEqual(asked);
    }
  });

  it("give with an earlier snapshot what has changed and what was removed since, in the end all of it", async () => {
    const { snapshot } = await additives();
    expect(await additives(`?since=${snapshot}`)).toMatchObject({ isWhole: false, removed: [] });
    await admin.additive.upsert.mutate({ code: "E999", halalStatus: "halal", source: "a source" });
    await admin.additive.remove.mutate({ code: "E120" });
    const kept = new Map((await additives()).items.map((one) => [one.code, one]));
    const delta = await additives(`?since=${snapshot}`);
    expect(delta).toMatchObject({ isWhole: false, removed: ["E120"] });
    expect(codesOf(delta)).toContain("E999");
    expect(codesOf(delta)).not.toContain("E120");
    for (const item of delta.items) expect(item).toEqual(kept.get(item.code));
    // Nothing is told twice for ever: the answer's own snapshot has it.
    const settled = await eventually(
      5_000,
      async () => {
        await flushCache(drizzle(stack.sql), "additive-list");
        await instance.deps.cache.catchUp();
        const { snapshot: later } = await additives(`?since=${snapshot}`);
        return additives(`?since=${later}`);
      },
      ({ items, removed }) => items.length + removed.length === 0,
    );
    expect(settled.isWhole).toBe(false);
  });

  it("give all of it for a snapshot of another database, of the future, or from before what is remembered", async () => {
    const [database] = (await additives()).snapshot.split("-");
    for (const since of [`00000000-700`, `${database}-99999999999`, `${database}-3`])
      expect(await additives(`?since=${since}`)).toMatchObject({ isWhole: true, removed: [] });
  });

  it.each(["?since=yesterday", "?since=", "?locale=de", "?since=1:1:"])(
    "are stored by nobody where the question is wrong: %s",
    async (query) => {
      const response = await get(`/lists/additives${query}`);
      expect([response.status, response.headers.get("cache-control")]).toEqual([400, "no-store"]);
      expect(response.headers.get("xkey")).toBeNull();
      expect(await response.json()).toMatchObject({ error: { data: { reason: "invalid_input" } } });
    },
  );
});
