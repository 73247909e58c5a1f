import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AppRouter } from "../../../src/trpc/router.ts";
import { eventually } from "../../support/calls.ts";
import { exchangeRaw } from "../../support/raw-http.ts";
import { killInstanceProcesses, startInstanceProcess } from "../../support/instance-process.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

/** More than a page of each list, and more than sockets hold. */
const SCANS = 60_000;
const OTHERS = 2_300;

let stack: Stack;
let instance: Instance;
/** An account that is too large for one piece. */
const large = randomUUID();

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  await insertAccount(large, SCANS, OTHERS);
}, 120_000);

afterAll(async () => {
  killInstanceProcesses();
  await stack.close();
});

/** One case a barcode is open at once. */
let casesBefore = 0;

async function insertAccount(user: string, scans: number, others: number): Promise<void> {
  const { sql } = stack;
  // Several at one instant, so that pages end between them.
  await sql`
    insert into scans (user_id, id, barcode, scanned_at, halal_status, confidence, reasons)
    select ${user}, gen_random_uuid(), '03017620422003', timestamptz '2026-01-01' + (n / 7) * interval '1 second', 'unknown', 0,
      '[{"code": "product_not_found", "message": "Nobody has described this product yet, «é».", "source": "none"}]'
    from generate_series(1, ${scans}::int) as n`;
  await sql`
    insert into favorites (user_id, kind, target_id, barcode, created_at)
    select ${user}, 'product', gen_random_uuid(), lpad(n::text, 14, '0'), timestamptz '2026-01-01' + (n / 7) * interval '1 second'
    from generate_series(1, ${others}::int) as n`;
  await sql`
    insert into favorite_removals (user_id, kind, target_id, removed_at)
    select ${user}, case when n % 2 = 0 then 'product' else 'store' end, gen_random_uuid(), now() from generate_series(1, ${others}::int) as n`;
  await sql`insert into scan_removals (user_id, id) select ${user}, gen_random_uuid() from generate_series(1, ${others}::int)`;
  await sql`
    insert into devices (user_id, token, platform, time_zone)
    select ${user}, 'ExponentPushToken[' || n || 'é]', 'ios', 'UTC' from generate_series(1, ${others}::int) as n`;
  await sql`
    insert into deliveries (user_id, notification_id, token, is_gravest, due_at)
    select ${user}, md5((n / 7)::text)::uuid, 'token ' || n, false, now() from generate_series(1, ${others}::int) as n`;
  const alert = await sql`
    insert into alerts (title, summary, severity, category)
    select 'An alert', 'Of a test', 'info', 'food' from generate_series(1, ${others}::int) returning id`;
  await sql`
    insert into alert_reads (user_id, alert_id)
    select ${user}, id from json_to_recordset(${JSON.stringify(alert)}::text::json) as a(id uuid)`;
  await sql`
    with opened as (
      insert into report_cases (kind, barcode)
      select 'wrong_status', lpad((n + ${casesBefore}::int)::text, 14, '0') from generate_series(1, ${others}::int) as n returning id, barcode
    )
    insert into reports (user_id, id, is_guest, case_id, kind, barcode, created_at)
    select ${user}, gen_random_uuid(), false, id, 'wrong_status', barcode, timestamptz '2026-01-01' from opened`;
  casesBefore += others;
  await sql`analyze scans`;
}

/** Begins to ask for an export; nothing is read yet but the headers. */
async function begin(url: string, user: string, encoding?: string): Promise<IncomingMessage> {
  const asked = request(`${url}/trpc/account.export`, {
    headers: {
      authorization: await bearer({ id: user }),
      ...(encoding === undefined ? {} : { "accept-encoding": encoding }),
    },
  });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return answer;
}

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
    const answer = await begin(instance.url, large);
    answer.pause();
    const stalled = await settled(instance.url);
    const pages = SCANS / 200;
    // What the sockets hold of it, and no more.
    expect(stalled - before).toBeLessThan(pages * 0.75);
    answer.destroy();
    const after = await settled(instance.url);
    expect(after - stalled).toBeLessThan(pages * 0.2);
  },
  120_000,
);

it.skipIf(stackKind() !== "docker")(
  "takes no more memory for an account of 300,000 scans than for a large one (docker)",
  async () => {
    // A heap in which the rows of the answer have no room together.
    const process = await startInstanceProcess(stack, {
      nodeArguments: ["--max-old-space-size=192"],
    });
    const huge = randomUUID();
    await insertAccount(huge, 300_000, 10);
    const kilobytes = (name: string) => {
      const status = readFileSync(`/proc/${process.process.pid}/status`, "utf8");
      return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
    };
    const drain = async (user: string) => {
      let bytes = 0;
      for await (const chunk of await begin(process.url, user)) bytes += (chunk as Buffer).length;
      return bytes;
    };
    for (let i = 0; i < 3; i += 1) await drain(large);
    const before = kilobytes("VmHWM");
    const bytes = await drain(huge);
    expect(bytes).toBeGreaterThan(100e6);
    // Of buffers outside the heap.
    expect((kilobytes("VmHWM") - before) * 1024).toBeLessThan(bytes / 2);
    const client = createTRPCClient<AppRouter>({
      links: [
        httpLink({
          url: `${process.url}/trpc`,
          headers: { authorization: await bearer({ id: huge }) },
        }),
      ],
    });
    const { scans } = await client.account.export.query();
    expect(new Set(scans.map(({ id }) => id)).size).toBe(300_000);
  },
  240_000,
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
  const answer = await begin(instance.url, large);
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
    await insertAccount(id, 9_000, 1);
    await stack.sql`
      update scans set reasons = '[{"code": 5}]' where user_id = ${id} and scanned_at = timestamptz '2026-01-01 00:00:05'`;
    const bytes = await readBroken(await begin(instance.url, id, encoding));
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
  await insertAccount(id, 30, 5);
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
  const answer = await begin(limited.url, large);
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
