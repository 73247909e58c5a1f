import { randomUUID } from "node:crypto";
import { insertAdditives, uniqueName } from "./catalog-rows.ts";
import { exampleInputs, type ListedProcedure } from "./procedures.ts";
import type { Instance, Stack } from "./stack.ts";
import { insertStores } from "./store-rows.ts";
import { bearer } from "./tokens.ts";
import { insertCertifier, insertScansAt, newBarcode } from "./user-rows.ts";

/** A call and the number of its statements without a cache, but for those that make a transaction audited. */
export interface ProcedureCase {
  /** Creates the input of a measurement. */
  readonly input: () => Promise<unknown>;
  readonly statements: 1 | 2 | 3 | 4;
  /** Whether a repetition of the call sends no statement. */
  readonly cached?: boolean;
  /** The number of statements of a repetition, if smaller, as for a phone that sends twice. */
  readonly again?: number;
}

/** The stack, the user and the rows with which the cases are made. */
export interface CaseWorld {
  readonly stack: Pick<Stack, "sql">;
  readonly instance: Pick<Instance, "as" | "url">;
  /** The signed-in user, and a barcode of a product that is there. */
  readonly userId: string;
  readonly barcode: string;
  /** For calls that nobody signed in for. */
  readonly guestToken: string;
}

const anId = () => Promise.resolve({ id: randomUUID() });
const position = () =>
  Promise.resolve({ latitude: Math.random() * 60, longitude: Math.random() * 100 });

async function newStore({ stack }: CaseWorld): Promise<string> {
  const [id = ""] = await insertStores(stack.sql, [{ latitude: 10, longitude: 10 }]);
  return id;
}

async function newAlert({ stack }: CaseWorld, isHeld = false): Promise<string> {
  const [row] = await stack.sql<{ id: string }[]>`
    insert into alerts (title, summary, severity, category, is_active, is_held)
    values ('A', 'B', 'info', 'c', ${!isHeld}, ${isHeld}) returning id`;
  return row?.id ?? "";
}

async function newTarget({ stack }: CaseWorld): Promise<string> {
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
async function newCase({ stack, instance }: CaseWorld): Promise<string> {
  const report = newReport();
  await (await instance.as({})).reports.create.mutate(report);
  const [row] = await stack.sql<
    { id: string }[]
  >`select case_id as id from reports where id = ${report.id}`;
  return row?.id ?? "";
}

async function newAdditive({ stack }: CaseWorld): Promise<string> {
  const code = `E${1_000 + Math.floor(Math.random() * 600)}`;
  await stack.sql`delete from additives where code = ${code}`;
  await insertAdditives(stack.sql, [{ code, en: "Something" }]);
  return code;
}

/**
 * The case of a procedure. Without a row below it is called with the example of the reference, sends one statement, and
 * none at all when a fast query has its answer.
 */
export function caseOf(
  procedure: Pick<ListedProcedure, "path" | "input" | "isCached">,
  world: CaseWorld,
): ProcedureCase {
  const { path, isCached } = procedure;
  const input = async () => {
    const { instance, userId } = world;
    const user = await bearer({ id: userId });
    const admin = await bearer({ isAdmin: true });
    return exampleInputs(instance.url, { public: undefined, user, admin })(procedure);
  };
  return specialCases(world)[path] ?? { input, statements: 1, cached: isCached };
}

/** Rows of procedures that another input or number of statements tests better than the default. */
export function specialCases(world: CaseWorld): Readonly<Record<string, ProcedureCase>> {
  const { stack, instance, userId, barcode, guestToken } = world;
  const newScan = () => ({ id: randomUUID(), barcode: newBarcode() });
  return {
    "store.nearby": { input: position, statements: 1, cached: true },
    "store.markers": { input: position, statements: 1, cached: true },
    "store.byId": {
      input: async () => ({ id: await newStore(world) }),
      statements: 1,
      cached: true,
    },
    "store.inBounds": {
      input: () => Promise.resolve({ west: 1, south: 1, east: 3, north: 3, minRating: 4 }),
      statements: 1,
    },
    "store.update": {
      input: async () => ({
        id: await newStore(world),
        name: "Renamed",
        latitude: 1,
        longitude: 2,
      }),
      statements: 1,
    },
    "store.remove": { input: async () => ({ id: await newStore(world) }), statements: 1 },
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
    "certifier.remove": {
      input: async () => ({ id: await insertCertifier(stack.sql, uniqueName("Certifier"), 50) }),
      statements: 1,
    },
    "boycott.list": {
      input: async () => {
        await newTarget(world);
      },
      statements: 1,
      cached: true,
    },
    "boycott.byId": { input: async () => ({ id: await newTarget(world) }), statements: 1 },
    "boycott.check": {
      input: () => Promise.resolve({ brand: "Some Brand, Another", barcode: barcode }),
      statements: 1,
    },
    "store.search": {
      input: async () => ({ query: "Some shop", near: await position() }),
      statements: 1,
      cached: true,
    },
    "boycott.remove": { input: async () => ({ id: await newTarget(world) }), statements: 1 },
    "additive.byCode": {
      input: async () => ({ code: await newAdditive(world), madhab: "hanafi" }),
      statements: 1,
      cached: true,
    },
    // All additives are in one entry, which a change of any drops.
    "additive.forCodes": {
      input: async () => ({ codes: [await newAdditive(world), "E999"] }),
      statements: 1,
      cached: true,
    },
    "additive.upsert": {
      input: () =>
        Promise.resolve({
          code: "E999",
          halalStatus: "halal",
          rulings: [{ madhab: "hanafi", halalStatus: "halal" }],
        }),
      statements: 1,
    },
    "additive.remove": { input: async () => ({ code: await newAdditive(world) }), statements: 1 },
    "product.byBarcode": {
      input: () => Promise.resolve({ barcode: newBarcode(), madhab: "hanafi" }),
      statements: 1,
      cached: true,
    },
    "product.alternatives": { input: () => Promise.resolve({ barcode: barcode }), statements: 1 },
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
    // The product is read into its entry; the user, and what is recorded, each time.
    "scans.record": {
      input: () => Promise.resolve(newScan()),
      statements: 3,
      again: 1,
    },
    "scans.recordMany": {
      input: () => Promise.resolve({ scans: Array.from({ length: 100 }, newScan) }),
      statements: 3,
      again: 2,
    },
    "scans.remove": {
      input: async () => {
        const [id = ""] = await insertScansAt(stack.sql, userId, [new Date().toISOString()]);
        return { id };
      },
      statements: 1,
    },
    "favorites.add": {
      input: async () => ({ kind: "store", id: await newStore(world) }),
      statements: 1,
    },
    "favorites.remove": {
      input: async () => ({ kind: "store", ...((await anId()) as object) }),
      statements: 1,
    },
    "favorites.sync": {
      input: async () => ({
        add: [{ kind: "store", id: await newStore(world) }],
        remove: [{ kind: "product", id: randomUUID() }],
      }),
      statements: 1,
    },
    "alerts.byId": { input: async () => ({ id: await newAlert(world) }), statements: 1 },
    "push.unregister": {
      input: () => Promise.resolve({ token: "ExponentPushToken[none]" }),
      statements: 1,
    },
    "alerts.markRead": { input: () => Promise.resolve({ all: true }), statements: 2 },
    "alerts.approve": {
      input: async () => ({ ids: [await newAlert(world, true)] }),
      statements: 1,
    },
    "alerts.update": {
      input: async () => ({ id: await newAlert(world), title: "New" }),
      statements: 1,
    },
    "alerts.retract": { input: async () => ({ id: await newAlert(world) }), statements: 1 },
    "reports.create": {
      // A guest's token is checked first; a user's costs no statement.
      input: () => Promise.resolve({ ...newReport(), guestToken }),
      statements: 2,
    },
    "reports.mine": { input: () => Promise.resolve({ guestToken }), statements: 2 },
    "reports.eraseGuest": { input: () => Promise.resolve({ guestToken }), statements: 2 },
    "reports.resolve": {
      // The lock of the case is a statement of its own.
      input: async () => ({ id: await newCase(world), outcome: "rejected" }),
      statements: 3,
    },
    "appConfig.get": {
      input: async () => {
        await stack.sql`update app_config set ios_store_url = ios_store_url`;
      },
      statements: 1,
      cached: true,
    },
  };
}
