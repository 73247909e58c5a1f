import { describe, expect, test } from "vitest";
import {
  checkExtensions,
  checkIndexes,
  checkMigrations,
  checkSequentialScans,
  type IndexFacts,
  type TableFacts,
} from "../../../src/doctor/schema.ts";

const index: IndexFacts = {
  index: "stores_name_idx",
  table: "stores",
  isValid: true,
  isBeingBuilt: false,
  isConstraint: false,
  scans: 5,
  bytes: 10_000_000,
};
const table: TableFacts = {
  table: "stores",
  liveRows: 50_000,
  deadRows: 0,
  sequentialScans: 100,
  sequentialRowsRead: 5_000_000,
  isAnalyzed: true,
};
const WEEK_SECONDS = 7 * 24 * 3600;

describe("migrations", () => {
  const none = { pending: [], changed: null, unknownCount: 0 };
  test.each([
    [none, "ok"],
    [{ ...none, unknownCount: 1 }, "warn"],
    [{ ...none, pending: ["drizzle/0009_x"] }, "fail"],
    [{ ...none, changed: "drizzle/0001_tables was changed" }, "fail"],
  ] as const)("%o is %s", (facts, level) => {
    expect(checkMigrations(facts).level).toBe(level);
  });
});

describe("indexes", () => {
  const levels = (...input: Parameters<typeof checkIndexes>) =>
    Object.fromEntries(checkIndexes(...input).map(({ check, level }) => [check, level]));

  test("complete and valid indexes are ok", () => {
    expect(levels([index], ["stores_name_idx"], WEEK_SECONDS)).toEqual({
      "invalid indexes": "ok",
      "unused indexes": "ok",
    });
  });

  test("an invalid index fails, an index that is being built does not", () => {
    const invalid = { ...index, isValid: false };
    expect(levels([invalid], [], WEEK_SECONDS)).toMatchObject({ "invalid indexes": "fail" });
    expect(levels([{ ...invalid, isBeingBuilt: true }], [], WEEK_SECONDS)).toMatchObject({
      "invalid indexes": "ok",
    });
  });

  test("a missing index of an applied migration fails", () => {
    expect(levels([index], ["stores_location_idx"], WEEK_SECONDS)).toMatchObject({
      "missing indexes": "fail",
    });
  });

  test("only large indexes without a constraint are reported as unused, after a week", () => {
    const unused = { ...index, scans: 0 };
    expect(levels([unused], [], WEEK_SECONDS)).toMatchObject({ "unused indexes": "warn" });
    expect(levels([unused], [], WEEK_SECONDS - 1)).toMatchObject({ "unused indexes": "ok" });
    expect(levels([{ ...unused, isConstraint: true }], [], WEEK_SECONDS)).toMatchObject({
      "unused indexes": "ok",
    });
    expect(levels([{ ...unused, bytes: 8192 }], [], WEEK_SECONDS)).toMatchObject({
      "unused indexes": "ok",
    });
  });
});

describe("sequential scans", () => {
  test.each([
    ["a big table, often, from end to end", table, "warn"],
    ["a small table", { ...table, liveRows: 500 }, "ok"],
    ["a few times", { ...table, sequentialScans: 10 }, "ok"],
    ["stopped early by a limit", { ...table, sequentialRowsRead: 1000 }, "ok"],
  ] as const)("%s", (_name, facts, level) => {
    expect(checkSequentialScans([facts]).level).toBe(level);
  });
});

describe("extensions", () => {
  const all = ["postgis", "pg_trgm", "unaccent", "btree_gist"].map((name) => ({
    name,
    installed: "1.0",
    available: "1.0",
  }));
  test("installed and current extensions are ok", () => {
    expect(checkExtensions(all, "17.2")).toMatchObject({
      level: "ok",
      found: expect.stringContaining("17.2"),
    });
  });
  test("a missing extension fails, an old one warns", () => {
    expect(checkExtensions(all.slice(1), "17.2")).toMatchObject({
      level: "fail",
      found: expect.stringContaining("postgis"),
    });
    const old = all.map((extension) => ({ ...extension, available: "1.1" }));
    expect(checkExtensions(old, "17.2")).toMatchObject({
      level: "warn",
      advice: expect.stringContaining("UPDATE"),
    });
  });
  test("an extension without files on the server is not reported as old", () => {
    const gone = all.map((extension) => ({ ...extension, available: null }));
    expect(checkExtensions(gone, "17.2").level).toBe("ok");
  });
});
