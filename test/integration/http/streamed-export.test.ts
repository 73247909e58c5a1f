import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AppRouter } from "../../../src/trpc/router.ts";
import { eventually } from "../../support/calls.ts";
import { beginExport, insertAccount } from "../../support/large-account.ts";
import { exchangeRaw } from "../../support/raw-http.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

/** More than a page of each list, and more than sockets hold. */
const SCANS = 40_000;
const OTHERS = 2_300;

let stack: Stack;
let instance: Instance;
/** The user of an account that is too large for one piece. */
const large = randomUUID();

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  await insertAccount(stack.sql, large, SCANS, OTHERS);
}, 120_000);

afterAll(() => stack.close());

/** Statements that the instance has sent so far; figures are worked out once a second. */
async function statements(url: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = /^halal_database_statements_total\{[^}]*main[^}]*\} (\d+)/m.exec(text)?.[1];
  if (found === undefined) throw new Error("no count of statements");
  return Number(found);
}

/** Waits until no more statements come; gives how many there were. */
async function settled(url: string): Promise<number> {
  let before = -1;
  return await eventually(
    60_000,
    () => statements(url),
    (now) => {
      // An embedded instance reads its journal through the same pool.
      const isSame = now - before < 10;
      before = now;
      return isSame;
    },
  );
}

it("exports an account of any size, with every row of every table once", async () => {
  const api = await instance.as({ id: large });
  const exported = await api.account.export.query();
  const [row] = await stack.sql`
      select (select array_agg(id::text order by scanned_at desc, id desc) from scans where user_id = ${large}) as scans,
        (select array_agg(target_id::text order by created_at desc, kind, target_id) from favorites where user_id = ${large}) as favorites`;
  const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);
  // Not by toEqual, which takes minutes to tell a difference.
  expect(ids(exported.scans).join() === String(row?.["scans"])).toBe(true);
  expect(ids(exported.favorites)).toEqual(row?.["favorites"]);
  expect(new Set(exported.deliveries.map((one) => `${one.notificationId} ${one.token}`)).size).toBe(
    OTHERS,
  );
  expect(new Set(exported.devices.map(({ token }) => token)).size).toBe(OTHERS);
  expect(new Set(exported.alertReads.map(({ alertId }) => alertId)).size).toBe(OTHERS);
  expect(new Set(ids(exported.reports)).size).toBe(OTHERS);
  expect(new Set(ids(exported.removedScans)).size).toBe(OTHERS);
  expect(new Set(exported.removedFavorites.map(({ kind, id }) => kind + id)).size).toBe(OTHERS);
}, 120_000);

it.each(["gzip", "br"])(
  "sends the same in %s",
  async (encoding) => {
    const url = `${instance.url}/trpc/account.export`;
    const headers = { authorization: await bearer({ id: large }) };
    const plain = await fetch(url, { headers: { ...headers, "accept-encoding": "identity" } });
    const coded = await fetch(url, { headers: { ...headers, "accept-encoding": encoding } });
    expect([plain.headers.get("content-encoding"), coded.headers.get("content-encoding")]).toEqual([
      null,
      encoding,
    ]);
    expect(coded.headers.get("cache-control")).toBe("no-store");
    expect(coded.headers.get("vary")).toContain("accept-encoding");
    const withoutTime = async (answer: Response) =>
      (await answer.text()).replace(/"exportedAt":"[^"]*"/, "");
    expect((await withoutTime(plain)) === (await withoutTime(coded))).toBe(true);
  },
  120_000,
);

it.skipIf(stackKind() !== "docker")(
  "reads no further than its client does, and no more once that has left (docker)",
  async () => {
    const before = await settled(instance.url);
    const answer = await beginExport(instance.url, large);
    answer.pause();
    const stalled = await settled(instance.url);
    const pages = SCANS / 200;
    // Memory has the part of it that the sockets hold, and no more.
    expect(stalled - before).toBeLessThan(pages * 0.75);
    answer.destroy();
    const after = await settled(instance.url);
    expect(after - stalled).toBeLessThan(pages * 0.2);
  },
  120_000,
);

/** Reads to the end, which must not come. */
async function readBroken(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const read = async () => {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  };
  await expect(read()).rejects.toThrow("aborted");
  expect(answer.complete).toBe(false);
  return Buffer.concat(chunks);
}

it("breaks the connection when the database fails in the middle", async () => {
  const answer = await beginExport(instance.url, large);
  answer.pause();
  await settled(instance.url);
  await stack.sql`alter table scans rename to scans_elsewhere`;
  try {
    const text = (await readBroken(answer)).toString();
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  } finally {
    await stack.sql`alter table scans_elsewhere rename to scans`;
  }
  // The instance is well.
  expect((await fetch(`${instance.url}/health/ready`)).status).toBe(200);
}, 120_000);

it.each(["identity", "gzip", "br"] as const)(
  "breaks the connection at a row that cannot be told (%s)",
  async (encoding) => {
    const id = randomUUID();
    await insertAccount(stack.sql, id, 9_000, 1);
    await stack.sql`
      update scans set reasons = '[{"code": 5}]' where user_id = ${id} and scanned_at = timestamptz '2026-01-01 00:00:05'`;
    const bytes = await readBroken(await beginExport(instance.url, id, encoding));
    const decoded = {
      gzip: gunzipSync,
      br: brotliDecompressSync,
      identity: (whole: Buffer) => whole,
    };
    // Nobody's decoder takes it for the whole.
    expect(() => JSON.parse(decoded[encoding](bytes).toString()) as unknown).toThrow(
      /[Uu]nexpected end|Unterminated|Expected/,
    );
  },
);

it("sends a small account whole, the same bytes however it is asked for", async () => {
  const id = randomUUID();
  await insertAccount(stack.sql, id, 30, 5);
  const authorization = await bearer({ id });
  const ask = async (path: string) => {
    const answer = await fetch(`${instance.url}/trpc/${path}`, { headers: { authorization } });
    const text = await answer.text();
    return { answer, text: text.replaceAll(/"exportedAt":"[^"]*"/g, '"exportedAt":""') };
  };
  const alone = await ask("account.export");
  expect(alone.answer.headers.get("content-length")).not.toBeNull();
  expect((await ask("account.export?batch=1&input={}")).text).toBe(`[${alone.text}]`);
  expect((await ask("account.export,account.export?batch=1&input={}")).text).toBe(
    `[${alone.text},${alone.text}]`,
  );
});

it("is told to be called alone when its answer is too long for a batch", async () => {
  const url = `${instance.url}/trpc`;
  const headers = { authorization: await bearer({ id: large }) };
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url, headers })] });
  const [exported, profile] = await Promise.allSettled([
    client.account.export.query(),
    client.account.profile.query(),
  ]);
  expect(profile.status).toBe("fulfilled");
  expect(exported).toMatchObject({
    reason: { data: { code: "PAYLOAD_TOO_LARGE", reason: "call_alone", httpStatus: 413 } },
  });
  // Alone in a batch it is alone.
  const alone = await client.account.export.query();
  expect(alone.scans).toHaveLength(SCANS);
}, 60_000);

it("counts as 20 calls, and asks for a token and an input like any other query", async () => {
  const limited = await stack.startInstance({ environment: { RATE_LIMIT_PER_MINUTE: "100" } });
  const answer = await beginExport(limited.url, large);
  expect(answer.headers["ratelimit-remaining"]).toBe("80");
  answer.destroy();
  const ask = async (headers: Record<string, string>, query = "") => {
    const { status } = await fetch(`${instance.url}/trpc/account.export${query}`, { headers });
    return status;
  };
  const authorization = await bearer({ id: large });
  expect(await ask({})).toBe(401);
  expect(await ask({ authorization: "Bearer nonsense" })).toBe(401);
  expect(await ask({ authorization }, "?input=5")).toBe(400);
  expect(await ask({ authorization }, "?input={")).toBe(400);
  const head = `HEAD /trpc/account.export HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`;
  const text = await exchangeRaw(instance.url, head, 10_000);
  expect(text.slice(text.indexOf("\r\n\r\n"))).toBe("\r\n\r\n");
  expect(text).toMatch(/^HTTP\/1\.1 2\d\d /);
});
