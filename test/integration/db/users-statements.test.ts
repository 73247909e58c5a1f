import { randomUUID } from "node:crypto";
import { loadModule, parseSync } from "libpg-query";
import { afterAll, beforeAll, expect, it } from "vitest";
import { insertProduct } from "../../support/catalog-rows.ts";
import { caseOf, type CaseWorld } from "../../support/procedure-cases.ts";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { insertScansAt, newBarcode } from "../../support/user-rows.ts";
import { readTables } from "../../support/users-tables/catalog-rules.ts";
import {
  readFunctions,
  type StoredFunction,
} from "../../support/users-tables/function-statements.ts";
import { noteStatements, type SentStatement } from "../../support/users-tables/sent-statements.ts";
import { blocksOf, field, withInner } from "../../support/users-tables/statement-blocks.ts";
import { breachesOf, type Tables } from "../../support/users-tables/statement-rules.ts";

const USER = randomUUID();
const BARCODE = newBarcode();
/** It erases the rows of a guest's token, whoever is signed in. */
const OF_A_GUEST = "reports.eraseGuest";
/** Procedures that a user calls; also public ones may name users' tables when somebody is signed in. */
const OF_USERS = PROCEDURES.filter(({ auth, path }) => auth !== "admin" && path !== OF_A_GUEST);

/** Breaches in functions that are meant, and why. */
const MEANT: Readonly<Record<string, string>> = {
  "register_device: S1 devices":
    "a phone leaves the user who had it; the table stays on one server",
};

let stack: Stack;
let instance: Instance;
let token: string;
let tables: Tables;
let functions: Map<string, StoredFunction>;
let world: CaseWorld;
let sent: SentStatement[];

/** Inputs beside those of the cases, by which a procedure sends other statements. */
const more = async (path: string): Promise<unknown[]> => {
  const client = await instance.as({ id: USER });
  const cursorOf = async (list: Promise<{ nextCursor: string | null }>) => {
    const { nextCursor } = await list;
    if (nextCursor === null) throw new Error(`${path} has one page only`);
    return nextCursor;
  };
  switch (path) {
    case "scans.history":
      return [{ limit: 1, cursor: await cursorOf(client.scans.history.query({ limit: 1 })) }];
    case "favorites.list":
      return [
        { kind: "product", limit: 1 },
        { limit: 1, cursor: await cursorOf(client.favorites.list.query({ limit: 1 })) },
      ];
    case "favorites.add":
    case "favorites.remove":
      return [{ kind: "product", barcode: newBarcode() }];
    case "alerts.markRead":
      return [{ ids: [randomUUID()] }];
    case "alerts.list":
      return [{ severity: "info", category: "c", limit: 1 }];
    case "push.preferences":
      return [
        { kinds: ["recall"], quietHours: { from: "22:00", until: "07:00" }, areas: false },
        { favorites: false, scannedProducts: false, quietHours: null },
      ];
    case "account.updateProfile":
      return [
        { languages: ["fr"], allergens: [], avoidBoycotted: false, avoidAdditives: ["E120"] },
      ];
    case "reports.create":
      return [{ id: randomUUID(), kind: "wrong_store", storeId: randomUUID(), text: "?" }];
    default:
      return [];
  }
};

beforeAll(async () => {
  await loadModule();
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertProduct(stack.sql, { barcode: `0${BARCODE}`, brand: "Some Brand" });
  tables = await readTables(stack.sql);
  functions = new Map((await readFunctions(stack.sql)).map((one) => [one.name, one]));
  instance = await stack.startInstance();
  token = await bearer({ id: USER });
  const { guestToken } = await instance.client.reports.guestToken.mutate();
  world = { stack, instance, userId: USER, barcode: BARCODE, guestToken };
  const client = await instance.as({ id: USER });
  // More than a page of an export.
  const now = Date.now();
  await insertScansAt(
    stack.sql,
    USER,
    Array.from({ length: 201 }, (_, i) => new Date(now - i * 1000).toISOString()),
  );
  const barcodes = [newBarcode(), newBarcode(), newBarcode()];
  for (const barcode of barcodes) await client.favorites.add.mutate({ kind: "product", barcode });
  sent = noteStatements(instance.deps.db);
});
afterAll(() => stack.close());

/** The rules that statements and the functions that they call break. */
function breachesIn(statements: readonly SentStatement[]): string[] {
  return statements.flatMap(({ text, values }) => {
    const parsed = parseSync(text);
    const own = breachesOf(parsed, tables, { values, userId: USER });
    const calls = blocksOf(parsed).flatMap((root) => withInner(root).flatMap(({ calls }) => calls));
    const ofCalls = calls.flatMap(({ name, parameters }) => {
      const called = functions.get(name);
      if (called?.parameters[0] !== "owner") return [];
      const given = field(field(parameters[0], "TypeCast"), "arg");
      const number = Number(field(given, "ParamRef")["number"]);
      return values[number - 1] === USER ? [] : [`${name}: S7 is called for another user`];
    });
    return [...own.map(({ rule, table, text }) => `${rule} ${table}: ${text}`), ...ofCalls];
  });
}

it.each(OF_USERS)("$path sends what a distributed database would take", async (procedure) => {
  const inputs = [await caseOf(procedure, world).input(), ...(await more(procedure.path))];
  for (const input of inputs) {
    sent.length = 0;
    const answer = await callOverHttp(instance.url, procedure, input, token);
    // A store that nobody knows is no failure here.
    expect([200, 404]).toContain(answer.status);
    const statements = sent.filter(({ text }) => !/cache_events/.test(text));
    expect(statements.length > 0 || procedure.auth === "public").toBe(true);
    expect(breachesIn(statements)).toEqual([]);
  }
});

it("functions that name users' tables run what a distributed database would take", () => {
  const found: string[] = [];
  let looked = 0;
  for (const { name, parameters, variables, statements } of functions.values()) {
    if (parameters[0] !== "owner") continue;
    looked += 1;
    const owner = { names: ["owner", `${name}.owner`], variables };
    for (const statement of statements)
      for (const { rule, table } of breachesOf(statement, tables, owner))
        found.push(`${name}: ${rule} ${table}`);
  }
  expect(found).toEqual(Object.keys(MEANT));
  expect(looked).toBeGreaterThan(6);
});
