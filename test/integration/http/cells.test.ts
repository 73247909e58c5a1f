import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf } from "../../../src/geo/cell.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";

const HERE = { latitude: 48.8566, longitude: 2.3522 };
const CELL = cellOf(HERE);

interface Cell {
  readonly version: number;
  readonly cell: string;
  readonly radiusKm: number;
  readonly limit: number;
  readonly stores: readonly {
    readonly id: string;
    readonly names?: object;
    readonly stateUntil: string | null;
  }[];
}

let stack: Stack;
let instance: Instance;
let ids: string[];

beforeAll(async () => {
  stack = await openStack();
  ids = await insertStores(stack.sql, [
    { ...HERE, name: "Here" },
    { latitude: 48.9, longitude: 2.36, name: "In five kilometres" },
    { latitude: 49.1, longitude: 2.4, name: "In thirty" },
  ]);
  await stack.sql`update stores set names = '{"ar": "هنا"}' where id = ${ids[0] ?? ""}`;
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

const get = (path: string, headers: Record<string, string> = {}, url = instance.url) =>
  fetch(`${url}/cells/${path}`, { headers });

describe("GET /cells/{geohash}", () => {
  it("answers with every store that a list in the cell may show, names in other languages with them", async () => {
    const response = await get(CELL);
    const cell = (await response.json()) as Cell;
    expect(cell).toMatchObject({ version: 1, cell: CELL, radiusKm: 5, limit: 100 });
    expect(cell.stores.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const { items } = await instance.client.store.nearby.query({ ...HERE, radiusKm: 5 });
    const rows = items.map(({ distance: _distance, ...row }) => row);
    expect(cell.stores.map(({ names: _names, stateUntil: _until, ...row }) => row)).toEqual(rows);
    expect(cell.stores[0]?.names).toEqual({ ar: "هنا" });
    const wide = (await (await get(`${CELL}?radius=50`)).json()) as Cell;
    expect(wide.stores.map(({ id }) => id)).toEqual(ids);
  });

  it("may be stored by everybody, by tags that a purge can name, and by any web page", async () => {
    const { headers, status } = await get(CELL, { origin: "https://anywhere.example" });
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "public, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600",
      "cache-tag": `cell:${CELL.slice(0, 4)},stores`,
      "surrogate-key": `cell:${CELL.slice(0, 4)} stores`,
      xkey: `cell:${CELL.slice(0, 4)} stores`,
      "access-control-allow-origin": "*",
      "content-type": "application/json",
    });
    expect(headers.get("vary")).not.toContain("origin");
    expect(headers.get("set-cookie")).toBeNull();
    const preflight = await fetch(`${instance.url}/cells/${CELL}`, {
      method: "OPTIONS",
      headers: {
        origin: "https://anywhere.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("if-none-match");
  });

  it("is not sent again to a caller who has it, until a store of it changes", async () => {
    const etag = (await get(CELL)).headers.get("etag") ?? "";
    const again = await get(CELL, { "if-none-match": etag });
    expect([again.status, again.headers.get("etag")]).toEqual([304, etag]);
    const admin = await instance.as({ isAdmin: true });
    await admin.store.update.mutate({ id: ids[1] ?? "", name: "Renamed" });
    const changed = await get(CELL, { "if-none-match": etag });
    expect(changed.status).toBe(200);
    expect(JSON.stringify(await changed.json())).toContain("Renamed");
  });

  it("is stored by nobody with a token, a good one or a bad one, or when it is an error", async () => {
    for (const authorization of [await bearer({ id: randomUUID() }), "Bearer nonsense"]) {
      const response = await get(CELL, { authorization });
      expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
      expect(response.headers.get("cache-tag")).toBeNull();
    }
    const far = ["u09tv", "u09tvwx", "u09tva", "U09TVW", `${CELL}?radius=5.0`, `${CELL}?radius=7`];
    for (const path of [...far, "%00%00%00%00%00%00"]) {
      const response = await get(path);
      expect([response.status, response.headers.get("cache-control")]).toEqual([400, "no-store"]);
      expect(await response.json()).toMatchObject({ error: { data: { reason: "invalid_input" } } });
    }
  });

  it("counts against the limit of the caller's address", async () => {
    const limited = await stack.startInstance({
      environment: { RATE_LIMIT_PER_MINUTE: "2", TRUSTED_PROXY_HOPS: "1" },
    });
    // Of nobody else's tests.
    const caller = { "x-forwarded-for": "203.0.113.77" };
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await get(CELL, caller, limited.url)).status);
    const refused = await get(CELL, caller, limited.url);
    expect([...statuses, refused.status]).toEqual([200, 200, 429, 429]);
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await limited.close();
  });
});
