import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { currentRulings } from "../../../src/verdict/rulings-policy.ts";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { insertAdditives, insertProduct, uniqueName } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { insertCertifier, insertScansAt, newBarcode } from "../../support/user-rows.ts";

const isDocker = stackKind() === "docker";
const USER = randomUUID();
const BARCODE = newBarcode();

let stack: Stack;
let instance: Instance;
let userToken: string;
let guestToken: string;
let adminToken: string;

/** A call and the number of its statements without a cache, but for those that make a transaction audited. */
interface Case {
  /** Creates the input of a measurement. */
  readonly input: () => Promise<unknown>;
  readonly statements: 1 | 2 | 3 | 4;
  /** Whether a repetition of the call sends no statement. */
  readonly cached?: boolean;
  /** The number of statements of a repetition, if smaller, as for a phone that sends twice. */
  readonly again?: number;
}

const nothing = () => Promise.resolve(undefined);
const anId = () => Promise.resolve({ id: randomUUID() });
const position = () =>
  Promise.resolve({ latitude: Math.random() * 60, longitude: Math.random() * 100 });
const newScan = () => ({ id: randomUUID(), barcode: BARCODE });

async function newStore(): Promise<string> {
  const [id = ""] = await insertStores(stack.sql, [{ latitude: 10, longitude: 10 }]);
  return id;
}

async function newAlert(): Promise<string> {
  const [row] = await stack.sql<{ id: string }[]>`
    insert into alerts (title, summary, severity, category) values ('A', 'B', 'info', 'c') returning id`;
  return row?.id ?? "";
}

async function newTarget(): Promise<string> {
  const [row] = await stack.sql<{ id: string }[]>`
    insert into boycott_targets (company_name, level) values (${uniqueName("Co")}, 'official') returning id`;
  return row?.id ?? "";
}

const newProduct = () => ({ barcode: newBarcode(), name: "New", ingredients: "water" });
const newReport = () => ({
  id: randomUUID(),
  kind: "wrong_status" as const,
  barcode: newBarcode(),
  proposed: { halalStatus: "haram" as const },
});

/** Makes a case; gives its id. */
async function newCase(): Promise<string> {
  const report = newReport();
  await (await instance.as({})).reports.create.mutate(report);
  const [row] = await stack.sql<
    { id: string }[]
  >`select case_id as id from reports where id = ${report.id}`;
  return row?.id ?? "";
}

async function newAdditive(): Promise<string> {
  const code = `E${1_000 + Math.floor(Math.random() * 600)}`;
  await stack.sql`delete from additives where code = ${code}`;
  await insertAdditives(stack.sql, [{ code, en: "Something" }]);
  return code;
}

const CASES: Readonly<Record<string, Case>> = {
  "store.nearby": { input: position, statements: 1, cached: true },
  "store.markers": { input: position, statements: 1, cached: true },
  "store.byId": { input: async () => ({ id: await newStore() }), statements: 1, cached: true },
  "store.search": {
    input: () => Promise.resolve({ query: "halal", near: { latitude: 1, longitude: 2 } }),
    statements: 1,
  },
  "store.inBounds": {
    input: () => Promise.resolve({ west: 1, south: 1, east: 3, north: 3, minRating: 4 }),
    statements: 1,
  },
  "store.list": { input: () => Promise.resolve({ query: "halal" }), statements: 1 },
  "store.create": {
    input: () =>
      Promise.resolve({ name: "New", storeType: "butcher", latitude: 48.8, longitude: 2.3 }),
    statements: 1,
  },
  "store.update": {
    input: async () => ({ id: await newStore(), name: "Renamed", latitude: 1, longitude: 2 }),
    statements: 1,
  },
  "store.remove": { input: async () => ({ id: await newStore() }), statements: 1 },
  "certifier.list": {
    // A change of any certifier drops the list.
    input: async () => {
      await insertCertifier(stack.sql, uniqueName("Certifier"), 50);
    },
    statements: 1,
    cached: true,
  },
  "certifier.byId": {
    input: async () => ({ id: await insertCertifier(stack.sql, uniqueName("Certifier"), 50) }),
    statements: 1,
    cached: true,
  },
  "certifier.upsert": {
    input: () =>
      Promise.resolve({
        id: `u-${randomUUID().slice(0, 8)}`,
        name: uniqueName("Certifier"),
        country: "FR",
        trustCriteria: [{ criterion: "visits", met: true, points: 10 }],
      }),
    statements: 1,
  },
  "certifier.remove": {
    input: async () => ({ id: await insertCertifier(stack.sql, uniqueName("Certifier"), 50) }),
    statements: 1,
  },
  "boycott.list": {
    input: async () => {
      await newTarget();
    },
    statements: 1,
    cached: true,
  },
  "boycott.byId": { input: async () => ({ id: await newTarget() }), statements: 1 },
  "boycott.check": {
    input: () => Promise.resolve({ brand: "Some Brand, Another", barcode: BARCODE }),
    statements: 1,
  },
  "boycott.upsert": {
    input: () => Promise.resolve({ companyName: uniqueName("Company"), level: "official" }),
    statements: 1,
  },
  "boycott.remove": { input: async () => ({ id: await newTarget() }), statements: 1 },
  "additive.byCode": {
    input: async () => ({ code: await newAdditive(), madhab: "hanafi" }),
    statements: 1,
    cached: true,
  },
  "additive.forCodes": {
    input: () => Promise.resolve({ codes: ["E471", "E120", "E472a"] }),
    statements: 1,
  },
  "additive.search": { input: () => Promise.resolve({ query: "glycer" }), statements: 1 },
  "additive.upsert": {
    input: () =>
      Promise.resolve({
        code: "E999",
        halalStatus: "halal",
        rulings: [{ madhab: "hanafi", halalStatus: "halal" }],
      }),
    statements: 1,
  },
  "additive.remove": { input: async () => ({ code: await newAdditive() }), statements: 1 },
  "product.byBarcode": {
    input: () => Promise.resolve({ barcode: newBarcode(), madhab: "hanafi" }),
    statements: 1,
    cached: true,
  },
  "product.search": { input: () => Promise.resolve({ query: "a product" }), statements: 1 },
  "product.alternatives": { input: () => Promise.resolve({ barcode: BARCODE }), statements: 1 },
  // Written; and after the transaction taken, with the numbers of what it is read with, and written with what was read.
  "product.upsert": {
    input: async () => {
      // After a change of rulings the first one brings the words again.
      await (await instance.as({ isAdmin: true })).product.upsert.mutate(newProduct());
      return newProduct();
    },
    statements: 4,
  },
  "product.remove": {
    input: async () => {
      const product = newProduct();
      await (await instance.as({ isAdmin: true })).product.upsert.mutate(product);
      return { barcode: product.barcode };
    },
    statements: 1,
  },
  "product.list": { input: nothing, statements: 1 },
  "scans.record": { input: () => Promise.resolve(newScan()), statements: 2, again: 1 },
  "scans.recordMany": {
    input: () => Promise.resolve({ scans: Array.from({ length: 100 }, newScan) }),
    statements: 2,
    again: 1,
  },
  "scans.history": { input: nothing, statements: 1 },
  "scans.stats": { input: () => Promise.resolve({ timeZone: "Europe/Paris" }), statements: 1 },
  "scans.remove": {
    input: async () => {
      const [id = ""] = await insertScansAt(stack.sql, USER, [new Date().toISOString()]);
      return { id };
    },
    statements: 1,
  },
  "favorites.list": { input: nothing, statements: 1 },
  "favorites.refs": { input: nothing, statements: 1 },
  "favorites.add": {
    input: async () => ({ kind: "store", id: await newStore() }),
    statements: 1,
  },
  "favorites.remove": {
    input: async () => ({ kind: "store", ...((await anId()) as object) }),
    statements: 1,
  },
  "favorites.sync": {
    input: async () => ({
      add: [{ kind: "store", id: await newStore() }],
      remove: [{ kind: "product", id: randomUUID() }],
    }),
    statements: 1,
  },
  "alerts.categories": { input: nothing, statements: 1 },
  "alerts.list": { input: nothing, statements: 1 },
  "alerts.byId": { input: async () => ({ id: await newAlert() }), statements: 1 },
  "push.register": {
    input: () =>
      Promise.resolve({
        token: `ExponentPushToken[${randomUUID()}]`,
        platform: "ios",
        timeZone: "UTC",
      }),
    statements: 1,
  },
  "push.unregister": {
    input: () => Promise.resolve({ token: "ExponentPushToken[none]" }),
    statements: 1,
  },
  "push.preferences": { input: () => Promise.resolve({}), statements: 1 },
  "trending.products": { input: nothing, statements: 1 },
  "alerts.unread": { input: nothing, statements: 1 },
  "alerts.markRead": { input: () => Promise.resolve({ all: true }), statements: 2 },
  "alerts.publish": {
    input: () =>
      Promise.resolve({ title: "A", summary: "B", severity: "info", category: "season" }),
    statements: 1,
  },
  "alerts.adminList": { input: nothing, statements: 1 },
  "alerts.approve": { input: async () => ({ ids: [await newAlert()] }), statements: 1 },
  "alerts.update": { input: async () => ({ id: await newAlert(), title: "New" }), statements: 1 },
  "alerts.retract": { input: async () => ({ id: await newAlert() }), statements: 1 },
  "reports.guestToken": { input: nothing, statements: 1 },
  "reports.create": {
    // A guest's token is checked first; a user's costs no statement.
    input: () => Promise.resolve({ ...newReport(), guestToken }),
    statements: 2,
  },
  "reports.mine": { input: () => Promise.resolve({ guestToken }), statements: 2 },
  "reports.eraseGuest": { input: () => Promise.resolve({ guestToken }), statements: 2 },
  "reports.list": { input: nothing, statements: 1 },
  "reports.resolve": {
    // The lock of the case is a statement of its own.
    input: async () => ({ id: await newCase(), outcome: "rejected" }),
    statements: 3,
  },
  "audit.list": { input: nothing, statements: 1 },
  "appConfig.get": {
    input: async () => {
      await stack.sql`update app_config set ios_store_url = ios_store_url`;
    },
    statements: 1,
    cached: true,
  },
  "appConfig.update": {
    input: () => Promise.resolve({ platforms: { ios: { latestVersion: "2.0.0" } } }),
    statements: 1,
  },
  "account.profile": { input: nothing, statements: 1 },
  "account.updateProfile": { input: () => Promise.resolve({ madhab: "maliki" }), statements: 1 },
  "account.export": { input: nothing, statements: 1 },
  "account.erase": { input: nothing, statements: 2 },
};

/**
 * Returns the statements of the service on this file's database since the last count, from PostgreSQL's statistics:
 * without those of the journal, which every instance reads continuously, and without those with which PgBouncer
 * prepares a connection for a client.
 */
async function takeStatements(): Promise<string[]> {
  const rows = await stack.sql<{ query: string; calls: number }[]>`
    select query, calls::int as calls from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
      and userid = 'app'::regrole and query !~ 'cache_events|pg_current_wal_insert_lsn|^SET application_name'`;
  await stack.sql`
    select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)`;
  return rows.flatMap(({ query, calls }) => Array.from({ length: calls }, () => query));
}

/** The statements around those of an administrator's mutation, once each. */
const AUDITED = ["begin", "commit", "set_config"];

/** Takes the statements that make a transaction audited out of those of a call. */
function withoutAudit(statements: readonly string[]): { audit: string[]; rest: string[] } {
  const audit = statements.flatMap((text) => {
    const [kind] = /^(?:begin|commit)$|(?<=^select )set_config(?=\()/.exec(text) ?? [];
    return kind === undefined ? [] : [{ text, kind }];
  });
  const texts = audit.map(({ text }) => text);
  return {
    audit: audit.map(({ kind }) => kind).toSorted(),
    rest: statements.filter((text) => !texts.includes(text)),
  };
}

beforeAll(async () => {
  if (!isDocker) return;
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertProduct(stack.sql, { barcode: `0${BARCODE}`, brand: "Some Brand" });
  await insertAdditives(stack.sql, [{ code: "E471" }, { code: "E472" }]);
  instance = await stack.startInstance();
  userToken = await bearer({ id: USER });
  adminToken = await bearer({ isAdmin: true });
  ({ guestToken } = await instance.client.reports.guestToken.mutate());
  // The first statement on a connection through the pooler causes additional ones.
  await instance.client.certifier.list.query();
});

afterAll(() => (isDocker ? stack.close() : undefined));

describe.skipIf(!isDocker)("statements of a call, counted by PostgreSQL (docker)", () => {
  it("has a case for every procedure", () => {
    expect(Object.keys(CASES).toSorted()).toEqual(PROCEDURES.map(({ path }) => path).toSorted());
  });

  it.each(PROCEDURES)("$path", async (procedure) => {
    const one = CASES[procedure.path];
    if (one === undefined) throw new Error("no case");
    const token = { public: undefined, user: userToken, admin: adminToken }[procedure.auth];
    const input = await one.input();
    // Waits until the instance has read the events of the preparation and dropped the affected entries.
    await instance.deps.cache.catchUp();
    // Rulings are in memory until one changes, so their statement belongs to no call.
    await currentRulings(instance.deps);
    await takeStatements();
    const call = async () => {
      const { status, text } = await callOverHttp(instance.url, procedure, input, token);
      expect([status, text.slice(0, 300)]).toEqual([200, expect.any(String)]);
      return takeStatements();
    };
    const { audit, rest: first } = withoutAudit(await call());
    expect(audit).toEqual(procedure.auth === "admin" && procedure.isMutation ? AUDITED : []);
    expect([first.length, first]).toEqual([one.statements, first]);
    const again = one.cached === true ? 0 : one.again;
    const second = again === undefined ? [] : await call();
    expect([second.length, second]).toEqual([again ?? 0, second]);
  });
});
