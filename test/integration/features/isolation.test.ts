import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { exampleOf } from "../../../src/reference/examples.ts";
import { encodeCursor, listId } from "../../../src/trpc/list.ts";
import { callOverHttp, type ListedProcedure, PROCEDURES } from "../../support/procedures.ts";
import { insertOwner, type Owner, ownerRows } from "../../support/owner-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { newBarcode } from "../../support/user-rows.ts";

const USER_PROCEDURES = PROCEDURES.filter(({ auth }) => auth === "user");

let stack: Stack;
let instance: Instance;
let alertIds: string[];
let alice: Owner;
let mallory: Owner;
let aliceBefore: string;

const HISTORY = listId("scans.history", {});
const FAVORITES = listId("favorites.list", {});

/** Inputs with another user's ids where the fields of the example do not say what to try. */
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
  "scans.remove": ({ scanIds }) => scanIds.map((id) => ({ id })),
  "favorites.list": ({ instants, favoriteIds }) => [
    { limit: 100 },
    {
      cursor: encodeCursor(FAVORITES, ["2199-12-31T23:59:59.999Z", "store", favoriteIds[0] ?? ""]),
    },
    { cursor: encodeCursor(FAVORITES, [instants[4] ?? "", "product", favoriteIds[1] ?? ""]) },
  ],
  "favorites.add": ({ favoriteIds }) => [{ kind: "store", id: favoriteIds[0] }],
  "favorites.remove": ({ favoriteIds }) => [
    { kind: "store", id: favoriteIds[0] },
    { kind: "product", id: favoriteIds[1] },
  ],
  "favorites.sync": ({ favoriteIds }) => [
    { remove: [{ kind: "store", id: favoriteIds[0] }] },
    { add: [{ kind: "product", id: favoriteIds[1] }], remove: [] },
  ],
  "alerts.markRead": ({ alertIds }) => [{ ids: alertIds }, { all: true }],
  "push.register": ({ pushToken }) => [
    { token: `${pushToken.slice(0, -1)}0]`, platform: "ios", timeZone: "UTC" },
  ],
  "push.unregister": ({ pushToken }) => [{ token: pushToken }],
  "push.preferences": () => [{}, { kinds: [], quietHours: { from: "01:00", until: "02:00" } }],
  "account.updateProfile": () => [{ madhab: "hanafi", languages: ["fr"] }],
};

/** The example of a procedure, and the same with each of the victim's ids in its fields that hold one. */
function attacksOf({ path, input }: ListedProcedure, victim: Owner): readonly unknown[] {
  const own = ATTACKS[path]?.(victim);
  if (own !== undefined) return own;
  const example = exampleOf(path, input)?.input;
  const ids = [...victim.scanIds, ...victim.favoriteIds, ...victim.alertIds];
  const attacks = ids.map((id) => withIds(example, id, victim));
  return [example, ...attacks.filter((one) => JSON.stringify(one) !== JSON.stringify(example))];
}

/** Puts an id, and a phone's token, wherever the names of fields ask for one. */
function withIds(value: unknown, id: string, victim: Owner, name = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => withIds(one, id, victim, name));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, withIds(one, id, victim, key)]),
    );
  if (/^ids?$|Ids?$/.test(name)) return id;
  return name === "token" ? victim.pushToken : value;
}

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
  alice = await insertOwner(stack.sql, alertIds);
  mallory = await insertOwner(stack.sql, alertIds);
  aliceBefore = await ownerRows(stack.sql, alice);
});

it("tries every user's procedure with another user's ids where its input has any", () => {
  const paths = USER_PROCEDURES.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(Object.keys(ATTACKS)));
  const [id = ""] = alice.scanIds;
  expect(withIds({ ids: ["mine"], list: [{ scanId: "mine", n: 1 }] }, id, alice)).toEqual({
    ids: [id],
    list: [{ scanId: id, n: 1 }],
  });
});

describe.each(USER_PROCEDURES)("$path, called by others", (procedure) => {
  const secrets = () => [
    alice.id,
    alice.words,
    ...alice.instants,
    ...alice.barcodes,
    "12.345678",
    "98.765432",
  ];

  it("neither shows nor touches what another user has", async () => {
    const inputs = attacksOf(procedure, alice);
    // The attacker's own rows hold the same position: without them everything that shows it is Alice's.
    await stack.sql`delete from scans where user_id = ${mallory.id}`;
    for (const input of inputs) {
      for (const sent of [input, inTheNameOf(alice, input)]) {
        const { text } = await callOverHttp(instance.url, procedure, sent, mallory.token);
        for (const secret of secrets()) expect(text).not.toContain(secret);
      }
    }
    expect(await ownerRows(stack.sql, alice)).toBe(aliceBefore);
  });

  it("neither shows nor lets an administrator touch what a user has", async () => {
    const token = await bearer({ isAdmin: true });
    for (const input of attacksOf(procedure, alice)) {
      const { text } = await callOverHttp(
        instance.url,
        procedure,
        inTheNameOf(alice, input),
        token,
      );
      for (const secret of secrets()) expect(text).not.toContain(secret);
    }
    expect(await ownerRows(stack.sql, alice)).toBe(aliceBefore);
  });

  it("asks for a token that is genuine", async () => {
    const [input] = attacksOf(procedure, alice);
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
    expect(await ownerRows(stack.sql, alice)).toBe(aliceBefore);
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
    expect(await ownerRows(stack.sql, alice)).toBe(aliceBefore);
  });

  it("is a favourite of each", async () => {
    const [id = ""] = alice.favoriteIds;
    const as = await instance.as({ id: mallory.id });
    expect(await as.favorites.add.mutate({ kind: "store", id })).toMatchObject({ added: true });
    expect(await as.favorites.remove.mutate({ kind: "store", id })).toMatchObject({
      removed: true,
    });
    expect(await ownerRows(stack.sql, alice)).toBe(aliceBefore);
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
    expect(await ownerRows(stack.sql, alice)).toBe(aliceBefore);
  });
});
