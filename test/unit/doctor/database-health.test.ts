import { describe, expect, test } from "vitest";
import {
  checkClock,
  checkJournal,
  checkStandby,
  checkStatements,
  checkTimeouts,
  checkVacuum,
  type VacuumFacts,
} from "../../../src/doctor/database-health.ts";

test.each([
  ["not counted", null, "warn"],
  ["nothing yet", [], "ok"],
  ["fast", [{ text: "select 1", calls: 10, meanMs: 3 }], "ok"],
  ["slow", [{ text: "select 1", calls: 10, meanMs: 101 }], "warn"],
] as const)("statements: %s", (_name, facts, level) => {
  expect(checkStatements(facts).level).toBe(level);
});

test("statements: the slowest is named first", () => {
  const found = checkStatements([
    { text: "select slow", calls: 10, meanMs: 200 },
    { text: "select slower", calls: 10, meanMs: 300 },
  ]).found;
  expect(found).toMatch(/select slower.* \| .*select slow$/);
});

test.each([
  [{ statementMs: 5_000, lockMs: 2_000, idleInTransactionMs: 10_000 }, "ok"],
  [{ statementMs: 0, lockMs: 2_000, idleInTransactionMs: 10_000 }, "fail"],
  [{ statementMs: 1_000, lockMs: 2_000, idleInTransactionMs: 10_000 }, "warn"],
  [{ statementMs: 600_000, lockMs: 2_000, idleInTransactionMs: 10_000 }, "warn"],
  [{ statementMs: 5_000, lockMs: 0, idleInTransactionMs: 10_000 }, "warn"],
  [{ statementMs: 5_000, lockMs: 2_000, idleInTransactionMs: 0 }, "warn"],
] as const)("time limits %o: %s", (facts, level) => {
  expect(checkTimeouts(facts).level).toBe(level);
});

test.each([
  [{ lines: 0, bytes: 8192, oldestSeconds: null }, "ok"],
  [{ lines: 10, bytes: 8192, oldestSeconds: 3 * 3600 }, "ok"],
  [{ lines: 10, bytes: 8192, oldestSeconds: 5 * 3600 }, "warn"],
  [{ lines: 10, bytes: 1024 ** 3, oldestSeconds: 60 }, "warn"],
] as const)("journal %o: %s", (facts, level) => {
  expect(checkJournal(facts).level).toBe(level);
});

describe("vacuum", () => {
  const table = {
    table: "stores",
    liveRows: 100_000,
    deadRows: 20_000,
    sequentialScans: 0,
    sequentialRowsRead: 0,
    isAnalyzed: true,
  };
  const fine: VacuumFacts = {
    isAutovacuumOn: true,
    threshold: 50,
    scaleFactor: 0.2,
    frozenAge: 200_000_000,
    longestTransactionSeconds: 1,
    tables: [table],
  };
  test.each([
    ["in order", {}, "ok", "ok"],
    ["off", { isAutovacuumOn: false }, "fail", "ok"],
    ["twice behind its own threshold", { tables: [{ ...table, deadRows: 41_000 }] }, "warn", "ok"],
    ["never analysed", { tables: [{ ...table, isAnalyzed: false }] }, "warn", "ok"],
    ["old transaction numbers", { frozenAge: 600_000_000 }, "warn", "ok"],
    ["nearly out of transaction numbers", { frozenAge: 1_600_000_000 }, "fail", "ok"],
    ["held back", { longestTransactionSeconds: 301 }, "ok", "warn"],
  ] as const)("%s", (_name, change, vacuum, transactions) => {
    expect(checkVacuum({ ...fine, ...change }).map(({ level }) => level)).toEqual([
      vacuum,
      transactions,
    ]);
  });
});

test.each([
  [400, 1, "ok"],
  [-1_500, 1, "warn"],
  [-1_500, 900, "ok"],
  [11_000, 1, "fail"],
  [-60_000, 5, "fail"],
] as const)("a clock %d ms off, known to ± %d ms: %s", (skewMs, uncertaintyMs, level) => {
  expect(checkClock({ name: "x", skewMs, uncertaintyMs }).level).toBe(level);
});

const following = { isInRecovery: true, isOfPrimary: true, behindSeconds: null, isIdle: true };
test.each([
  [following, "ok"],
  [{ ...following, behindSeconds: 1.2, isIdle: false }, "warn"],
  [{ ...following, behindSeconds: 600 }, "warn"],
  [{ ...following, isInRecovery: false }, "fail"],
  [{ ...following, isOfPrimary: false }, "fail"],
] as const)("read replica %o: %s", (facts, level) => {
  expect(checkStandby({ address: "db:5432", ...facts }).level).toBe(level);
});
