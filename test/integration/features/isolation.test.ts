import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeCursor, listId } from "../../../src/trpc/list.ts";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

const USER_PROCEDURES = PROCEDURES.filter(({ auth }) => auth === "user");

/** The rows of a user in every table that names one; nobody else may see or touch them. */
interface Owner {
  readonly id: string;
  readonly token: string;
  readonly scanIds: readonly string[];
  readonly barcodes: readonly string[];
  readonly favoriteIds: readonly string[];
  readonly alertIds: readonly string[];
  readonly pushToken: string;
  /** Instants that nothing else has: a row that shows one is this user's. */
  readonly instants: readonly string[];
  /** In the profile and in a report. */
  readonly words: string;
}

let stack: Stack;
let instance: Instance;
let alertIds: string[];
let alice: Owner;
let mallory: Owner;
let aliceBefore: string;

let second = 0;
/** An instant that no other row has. */
function uniqueInstant(): string {
  second += 1;
  return new Date(Date.UTC(2025, 0, 1) + second * 61_013).toISOString();
}

async function newOwner(): Promise<Owner> {
  const id = randomUUID();
  const scanIds = [randomUUID(), randomUUID(), randomUUID()];
  const barcodes = scanIds.map(() => `0${newBarcode()}`);
  const scannedAt = scanIds.map(uniqueInstant);
  const favoredAt = [uniqueInstant(), uniqueInstant()];
  const readAt = alertIds.map(uniqueInstant);
  for (const [i, scanId] of scanIds.entries()) {
    await stack.sql`
      insert into scans (user_id, id, barcode, scanned_at, latitude, longitude, halal_status, confidence)
      values (${id}, ${scanId}, ${barcodes[i] ?? ""}, ${scannedAt[i] ?? ""}, 12.345678, 98.765432, 'halal', 0.5)`;
  }
  const [storeId = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1 }]);
  const [product] = await insertProducts(stack.sql, [{}]);
  const productId = product?.id ?? "";
  await stack.sql`
    insert into favorites (user_id, kind, target_id, created_at)
    values (${id}, 'store', ${storeId}, ${favoredAt[0] ?? ""}), (${id}, 'product', ${productId}, ${favoredAt[1] ?? ""})`;
  const words = `Report ${randomUUID()}`;
  await stack.sql`
    insert into profiles (user_id, madhab, languages) values (${id}, 'maliki', array[${words}])`;
  await stack.sql`
    insert into reports (user_id, id, is_guest, case_id, kind, barcode, text)
    values (${id}, ${randomUUID()}, false, ${randomUUID()}, 'wrong_status', ${barcodes[0] ?? ""}, ${words})`;
  for (const [i, alertId] of alertIds.entries()) {
    await stack.sql`insert into alert_reads (user_id, alert_id, read_at) values (${id}, ${alertId}, ${readAt[i] ?? ""})`;
  }
  const pushToken = `ExponentPushToken[${id}]`;
  const seenAt = uniqueInstant();
  await stack.sql`insert into push_tokens (token, owner) values (${pushToken}, ${id})`;
  await stack.sql`
    insert into devices (user_id, token, platform, time_zone, cell5, registered_at, seen_at)
    values (${id}, ${pushToken}, 'ios', 'UTC', 'u09tv', ${seenAt}, ${seenAt})`;
  await stack.sql`insert into push_preferences (user_id, quiet_from, quiet_until) values (${id}, 61, 62)`;
  await stack.sql`
    insert into deliveries (user_id, notification_id, token, is_gravest, due_at)
    values (${id}, gen_random_uuid(), ${pushToken}, false, now() + interval '1 day')`;
  return {
    id,
    pushToken,
    token: await bearer({ id }),
    scanIds,
    barcodes,
    favoriteIds: [storeId, productId],
    alertIds,
    instants: [...scannedAt, ...favoredAt, ...readAt, seenAt],
    words,
  };
}

/** Every row of a user with the transaction that wrote it last, so that a write that changes nothing shows, too. */
async function rowsOf({ id }: Owner): Promise<string> {
  const [row] = await stack.sql<{ rows: string }[]>`
    select json_build_array(
      (select json_agg(json_build_array(s.xmin::text, s) order by s.id) from scans s where user_id = ${id}),
      (select json_agg(json_build_array(f.xmin::text, f) order by f.target_id) from favorites f where user_id = ${id}),
      (select json_agg(json_build_array(r.xmin::text, r) order by r.alert_id) from alert_reads r where user_id = ${id}),
      (select json_agg(json_build_array(t.xmin::text, t) order by t.token) from push_tokens t where owner = ${id}),
      (select json_agg(json_build_array(d.xmin::text, d) order by d.token) from devices d where user_id = ${id}),
      (select json_agg(json_build_array(p.xmin::text, p)) from push_preferences p where user_id = ${id}),
      (select json_agg(json_build_array(d.xmin::text, d) order by d.token) from deliveries d where user_id = ${id}),
      (select json_agg(json_build_array(p.xmin::text, p)) from profiles p where user_id = ${id}),
      (select json_agg(json_build_array(r.xmin::text, r)) from reports r where user_id = ${id})
    )::text as rows`;
  return row?.rows ?? "";
}

const HISTORY = listId("scans.history", {});
const FAVORITES = listId("favorites.list", {});

/** Inputs with another user's ids, for each procedure. */
const ATTACKS: Readonly<Record<string, (victim: Owner) => readonly unknown[]>> = {
  "scans.record": ({ scanIds }) => [
    { id: scanIds[0], barcode: newBarcode() },
    { id: scanIds[1]?.toUpperCase(), barcode: newBarcode() },
  ],
  "scans.recordMany": ({ scanIds }) => [
    { scans: scanIds.map((id) => ({ id, barcode: newBarcode() })) },
  ],
  "scans.history": ({ scanIds, instants }) => [
    { limit: 100 },
    // Where a page of the other's history begins, as the other was given it.
    { cursor: encodeCursor(HISTORY, ["2199-12-31T23:59:59.999Z", scanIds[0] ?? ""]) },
    { cursor: encodeCursor(HISTORY, [instants[2] ?? "", scanIds[2] ?? ""]) },
  ],
  "scans.stats": () => [{}],
  "scans.remove": ({ scanIds }) => scanIds.map((id) => ({ id })),
  "favorites.list": ({ instants, favoriteIds }) => [
    { limit: 100 },
    {
      cursor: encodeCursor(FAVORITES, ["2199-12-31T23:59:59.999Z", "store", favoriteIds[0] ?? ""]),
    },
    { cursor: encodeCursor(FAVORITES, [instants[4] ?? "", "product", favoriteIds[1] ?? ""]) },
  ],
  "favorites.refs": () => [undefined],
  "favorites.add": ({ favoriteIds }) => [{ kind: "store", id: favoriteIds[0] }],
  "favorites.remove": ({ favoriteIds }) => [
    { kind: "store", id: favoriteIds[0] },
    { kind: "product", id: favoriteIds[1] },
  ],
  "favorites.sync": ({ favoriteIds }) => [
    { remove: [{ kind: "store", id: favoriteIds[0] }] },
    { add: [{ kind: "product", id: favoriteIds[1] }], remove: [] },
  ],
  "alerts.unread": () => [undefined],
  "alerts.markRead": ({ alertIds }) => [{ ids: alertIds }, { all: true }],
  "push.register": ({ pushToken }) => [
    { token: `${pushToken.slice(0, -1)}0]`, platform: "ios", timeZone: "UTC" },
  ],
  "push.unregister": ({ pushToken }) => [{ token: pushToken }],
  "push.preferences": () => [{}, { kinds: [], quietHours: { from: "01:00", until: "02:00" } }],
  "account.profile": () => [undefined],
  "account.updateProfile": () => [{ madhab: "hanafi", languages: ["fr"] }],
  "account.export": () => [undefined],
  "account.erase": () => [undefined],
};

/** Fields by which somebody may hope to name another user. */
function inTheNameOf(victim: Owner, input: unknown): unknown {
  return {
    ...(typeof input === "object" ? input : {}),
    userId: victim.id,
    user_id: victim.id,
    user: { id: victim.id, isAdmin: true },
    sub: victim.id,
  };
}

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  const alerts = await stack.sql<{ id: string }[]>`
    insert into alerts (title, summary, severity, category)
    select 'Alert ' || i, 'Summary', 'info', 'test' from generate_series(1, 2) as i returning id`;
  alertIds = alerts.map(({ id }) => id);
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

beforeEach(async () => {
  alice = await newOwner();
  mallory = await newOwner();
  aliceBefore = await rowsOf(alice);
});

it("has an attack for every procedure of a user", () => {
  expect(Object.keys(ATTACKS).toSorted()).toEqual(
    USER_PROCEDURES.map(({ path }) => path).toSorted(),
  );
});

describe.each(USER_PROCEDURES)("$path", (procedure) => {
  const secrets = () => [
    alice.id,
    alice.words,
    ...alice.instants,
    ...alice.barcodes,
    "12.345678",
    "98.765432",
  ];

  it("neither shows nor touches what another user has", async () => {
    const inputs = ATTACKS[procedure.path]?.(alice) ?? [];
    expect(inputs.length).toBeGreaterThan(0);
    // The attacker's own rows hold the same position: without them everything that shows it is Alice's.
    await stack.sql`delete from scans where user_id = ${mallory.id}`;
    for (const input of inputs) {
      for (const sent of [input, inTheNameOf(alice, input)]) {
        const { text } = await callOverHttp(instance.url, procedure, sent, mallory.token);
        for (const secret of secrets()) expect(text).not.toContain(secret);
      }
    }
    expect(await rowsOf(alice)).toBe(aliceBefore);
  });

  it("does so for an administrator, too", async () => {
    const token = await bearer({ isAdmin: true });
    for (const input of ATTACKS[procedure.path]?.(alice) ?? []) {
      const { text } = await callOverHttp(
        instance.url,
        procedure,
        inTheNameOf(alice, input),
        token,
      );
      for (const secret of secrets()) expect(text).not.toContain(secret);
    }
    expect(await rowsOf(alice)).toBe(aliceBefore);
  });

  it("asks for a token that is genuine", async () => {
    const [input] = ATTACKS[procedure.path]?.(alice) ?? [];
    const [header = "", payload = "", signature = ""] = alice.token.slice(7).split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    const other = mallory.token.slice(7).split(".");
    for (const authorization of [
      undefined,
      "Bearer",
      `Basic ${Buffer.from(`${alice.id}:`).toString("base64")}`,
      `Bearer ${alice.id}`,
      `Bearer ${none}.${payload}.`,
      `Bearer ${none}.${payload}.${signature}`,
      `Bearer ${header}.${payload}.${other[2] ?? ""}`,
      `Bearer ${header}.${payload}.${signature.slice(0, -2)}AA`,
    ]) {
      const { status, code, text } = await callOverHttp(
        instance.url,
        procedure,
        input,
        authorization,
      );
      expect([authorization, status, code]).toEqual([authorization, 401, "UNAUTHORIZED"]);
      for (const secret of secrets()) expect(text).not.toContain(secret);
    }
    expect(await rowsOf(alice)).toBe(aliceBefore);
  });
});

it("shows the owner what it keeps from the others", async () => {
  const as = await instance.as({ id: alice.id });
  const stranger = await instance.as({});
  const { items } = await as.scans.history.query({ limit: 100 });
  expect(items.map(({ scannedAt }) => scannedAt)).toEqual(alice.instants.slice(0, 3).toReversed());
  expect(items.map(({ latitude }) => latitude)).toEqual([12.345678, 12.345678, 12.345678]);
  const kept = JSON.stringify(await as.account.export.query());
  for (const secret of [...alice.instants, ...alice.barcodes]) expect(kept).toContain(secret);
  expect((await as.alerts.unread.query()).count).toBe(0);
  expect((await stranger.alerts.unread.query()).count).toBe(alertIds.length);
});

describe("the same id in two users' hands", () => {
  it("is a scan of each, and each removes their own", async () => {
    const [id = ""] = alice.scanIds;
    const as = await instance.as({ id: mallory.id });
    const recorded = await as.scans.record.mutate({ id, barcode: newBarcode() });
    expect(recorded.scan).toMatchObject({ id, latitude: null });
    const mine = await as.scans.history.query({ limit: 100 });
    expect(mine.items.filter((scan) => scan.id === id)).toHaveLength(1);
    await as.scans.remove.mutate({ id });
    await expect(as.scans.remove.mutate({ id })).rejects.toMatchObject({
      data: { code: "NOT_FOUND" },
    });
    expect(await rowsOf(alice)).toBe(aliceBefore);
  });

  it("is a favourite of each", async () => {
    const [id = ""] = alice.favoriteIds;
    const as = await instance.as({ id: mallory.id });
    expect(await as.favorites.add.mutate({ kind: "store", id })).toMatchObject({ added: true });
    expect(await as.favorites.remove.mutate({ kind: "store", id })).toMatchObject({
      removed: true,
    });
    expect(await rowsOf(alice)).toBe(aliceBefore);
  });

  it("survives the other's erasure", async () => {
    const as = await instance.as({ id: mallory.id });
    expect(await as.account.erase.mutate()).toEqual({
      scans: 3,
      favorites: 2,
      alertReads: 2,
      reports: 1,
    });
    expect(await as.account.export.query()).toMatchObject({ scans: [], favorites: [] });
    expect(await rowsOf(alice)).toBe(aliceBefore);
  });
});
