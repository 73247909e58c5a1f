import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../support/calls.ts";
import { errorCode, HOSTILE_TEXTS, readWithinASecond } from "../../support/catalog-rows.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;
const adminId = randomUUID();
let admin: Instance["client"];
let user: Instance["client"];

const UNSET = { minimumVersion: null, latestVersion: null, storeUrl: null };
const NOTHING_REQUIRED = { platforms: { ios: UNSET, android: UNSET }, maintenance: null };
const MESSAGE = {
  en: "We are back soon.",
  fr: "Nous revenons bientôt.",
  ar: "سنعود قريبًا.",
};

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  other = await stack.startInstance();
  admin = await instance.as({ id: adminId, isAdmin: true });
  user = await instance.as({});
});

afterAll(() => stack.close());

beforeEach(async () => {
  const platform = { ...UNSET };
  await admin.appConfig.update.mutate({
    platforms: { ios: platform, android: platform },
    maintenance: null,
  });
});

const getPlain = async (at: Instance, headers: Record<string, string> = {}) => {
  const response = await fetch(`${at.url}/app-config`, { headers });
  return { response, body: await response.json() };
};

it("a new database requires nothing of any app", async () => {
  const fresh = await stack.sql`select * from app_config`;
  expect(fresh).toHaveLength(1);
  expect(await instance.client.appConfig.get.query()).toEqual(NOTHING_REQUIRED);
});

describe("appConfig.update", () => {
  it("keeps what is left out, and empties what is null", async () => {
    const storeUrl = "https://apps.apple.com/app/id1";
    const ios = { minimumVersion: "1.9.0", latestVersion: "1.10.0", storeUrl };
    await admin.appConfig.update.mutate({ platforms: { ios } });
    const until = "2099-01-01T06:00:00.000Z";
    const changed = await admin.appConfig.update.mutate({
      platforms: { ios: { latestVersion: null }, android: { minimumVersion: "3.0.0" } },
      maintenance: { until: "2099-01-01T08:00:00+02:00", message: MESSAGE },
    });
    expect(changed).toEqual({
      platforms: {
        ios: { ...ios, latestVersion: null },
        android: { ...UNSET, minimumVersion: "3.0.0" },
      },
      maintenance: { until, message: MESSAGE },
    });
    expect(await instance.client.appConfig.get.query()).toEqual(changed);
    expect(await admin.appConfig.update.mutate({})).toEqual(changed);
    const announced = await admin.appConfig.update.mutate({ maintenance: { message: MESSAGE } });
    expect(announced.maintenance).toEqual({ until: null, message: MESSAGE });
    expect((await admin.appConfig.update.mutate({ maintenance: null })).maintenance).toBeNull();
  });

  it("compares versions number by number, also with the version that it leaves as it is", async () => {
    const update = (ios: object) => admin.appConfig.update.mutate({ platforms: { ios } });
    await update({ minimumVersion: "1.9.0", latestVersion: "1.9.0" });
    await update({ latestVersion: "1.10.0" });
    const error: unknown = await update({ minimumVersion: "1.10.1" }).catch(
      (thrown: unknown) => thrown,
    );
    const issues = [{ path: "platforms.ios.latestVersion", code: "invalid_input" }];
    expect(error).toMatchObject({ data: { code: "BAD_REQUEST", issues } });
    expect(await errorCode(update({ latestVersion: "1.8.99" }))).toBe("BAD_REQUEST");
    const { platforms } = await instance.client.appConfig.get.query();
    expect(platforms.ios).toMatchObject({ minimumVersion: "1.9.0", latestVersion: "1.10.0" });
  });

  it("rejects malformed versions, links that are not https, missing languages and a past end", async () => {
    const ios = (change: object) => ({ platforms: { ios: change } });
    const bad: object[] = [
      ...["1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-beta", "1.2.1234567", "v1.2.3", " 1.2.3", ""].map(
        (latestVersion) => ios({ latestVersion }),
      ),
      ...["http://store.example", "javascript:alert(1)", "https://", "apps.apple.com"].map(
        (storeUrl) => ios({ storeUrl }),
      ),
      { platforms: { windows: {} } },
      ios({ maximumVersion: "1.0.0" }),
      { maintenance: { message: { en: "Soon", fr: "Bientôt" } } },
      { maintenance: { message: { ...MESSAGE, ar: " " } } },
      { maintenance: { message: { ...MESSAGE, fr: "é".repeat(501) } } },
      { maintenance: { message: MESSAGE, until: "2020-01-01T00:00:00Z" } },
      { maintenance: { message: MESSAGE, until: "tomorrow" } },
      ...HOSTILE_TEXTS.map((en) => ({ maintenance: { message: { ...MESSAGE, en } } })),
    ];
    for (const input of bad)
      expect([input, await errorCode(admin.appConfig.update.mutate(input as never))]).toEqual([
        input,
        "BAD_REQUEST",
      ]);
    expect(await instance.client.appConfig.get.query()).toEqual(NOTHING_REQUIRED);
  });

  it("is for administrators, and leaves a line with what was changed in the audit trail", async () => {
    expect(await errorCode(instance.client.appConfig.update.mutate({}))).toBe("UNAUTHORIZED");
    expect(await errorCode(user.appConfig.update.mutate({}))).toBe("FORBIDDEN");
    await admin.appConfig.update.mutate({ platforms: { android: { latestVersion: "2.0.0" } } });
    const { items } = await admin.audit.list.query({ target: "app_config", limit: 1 });
    expect(items[0]).toMatchObject({
      userId: adminId,
      procedure: "appConfig.update",
      action: "update",
      before: { android_latest_version: null },
      after: { android_latest_version: "2.0.0" },
    });
  });
});

describe("GET /app-config", () => {
  it("answers the data of appConfig.get alone, with an ETag, to be kept by an edge under its tag", async () => {
    const { response, body } = await getPlain(instance);
    expect(response.status).toBe(200);
    expect(body).toEqual(await instance.client.appConfig.get.query());
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "public, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600",
      xkey: "app-config",
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
      "ratelimit-limit": expect.any(String) as string,
    });
    const etag = headers["etag"] ?? "";
    const again = await fetch(`${instance.url}/app-config`, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect(again.headers.get("x-cache")).toBe("HIT");
    const head = await fetch(`${instance.url}/app-config`, { method: "HEAD" });
    expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, etag, ""]);
  });

  it("is compressed from 1 KiB on", async () => {
    const message = { en: "e".repeat(500), fr: "é".repeat(500), ar: "ع".repeat(500) };
    await admin.appConfig.update.mutate({ maintenance: { message } });
    const { response, body } = await getPlain(instance, { "accept-encoding": "br" });
    expect(response.headers.get("content-encoding")).toBe("br");
    expect(body).toMatchObject({ maintenance: { message } });
  });

  it("shows a change at once here, and within a second on another instance, and has another ETag", async () => {
    const before = (await getPlain(other)).response.headers.get("etag");
    await admin.appConfig.update.mutate({ platforms: { ios: { minimumVersion: "4.0.0" } } });
    const minimumOn = async (at: Instance) =>
      ((await getPlain(at)).body as typeof NOTHING_REQUIRED).platforms.ios.minimumVersion;
    expect(await minimumOn(instance)).toBe("4.0.0");
    expect(await readWithinASecond(() => minimumOn(other), "4.0.0")).toBe("4.0.0");
    expect((await getPlain(other)).response.headers.get("etag")).not.toBe(before);
  });

  it("answers an app whose token is not accepted any more", async () => {
    const { response, body } = await getPlain(instance, { authorization: "Bearer a.b.c" });
    expect([response.status, body]).toEqual([200, NOTHING_REQUIRED]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("counts as one call of its address, and is rejected over the limit with tRPC's error", async () => {
    const limited = await stack.startInstance({ environment: { RATE_LIMIT_PER_MINUTE: "2" } });
    for (const remaining of ["1", "0"])
      expect((await getPlain(limited)).response.headers.get("ratelimit-remaining")).toBe(remaining);
    const { response, body } = await getPlain(limited, { authorization: "Bearer other" });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(body).toMatchObject({ error: { data: { code: "TOO_MANY_REQUESTS" } } });
    await limited.close();
  });

  it.skipIf(stackKind() !== "docker")(
    "is answered from the cache while the database is away (docker)",
    async () => {
      await admin.appConfig.update.mutate({ maintenance: { message: MESSAGE } });
      const { hostname, port, pathname, username, password } = new URL(stack.databaseUrl);
      const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
      const databaseUrl = `postgres://${username}:${password}@127.0.0.1:${proxy.port}${pathname}`;
      const cutOff = await stack.startInstance({ databaseUrl });
      const before = await getPlain(cutOff);
      await proxy.cut();
      const { response, body } = await eventually(
        10_000,
        () => getPlain(cutOff),
        (answer) => answer.response.headers.get("x-cache") === "STALE",
      );
      expect([response.status, body]).toEqual([200, before.body]);
      expect(response.headers.get("cache-control")).toBe("no-store");
      await cutOff.close();
      await proxy.close();
    },
  );

  it("may be read by any web page", async () => {
    const { response } = await getPlain(instance, { origin: "https://app.example" });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("vary")?.toLowerCase()).not.toContain("origin");
  });
});
