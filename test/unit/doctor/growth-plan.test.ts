import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CALL_COSTS, planGrowth, planRow, renderPlan } from "../../../src/doctor/growth-plan.ts";

const PHASES = [1_000, 10_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];

it("the shares of calls are a whole", () => {
  expect(CALL_COSTS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
});

it("needs grow with the users, and the phases come in their order", () => {
  const plans = PHASES.map(planGrowth);
  expect(plans.map(({ phase }) => phase)).toEqual([
    "one machine",
    "one machine",
    "one machine",
    "more instances",
    "partitions",
    "read replicas",
    "Citus",
  ]);
  for (const name of ["instances", "databaseCores", "connections", "dataBytes"] as const) {
    const values = plans.map((plan) => plan[name]);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
});

it("a hundred thousand users, by hand", () => {
  // 5,000 active users and 833 calls a second: 667 hits, 42 misses, 25 scans and 100 lists.
  const instanceMs = 667 * 0.08 + 41.7 * 4.8 + 25 * 2.77 + 100 * 0.8;
  const databaseMs = 41.7 * 6.5 + 25 * 5.5 + 100 * 3.3;
  const plan = planGrowth(100_000);
  expect(plan.callsPerSecond).toBe(833);
  expect(plan.statementsPerSecond).toBe(167);
  expect(plan.instances).toBe(Math.max(2, Math.ceil(instanceMs / 600)));
  expect(plan.databaseCores).toBe(Math.ceil(databaseMs / 600));
  expect(plan.dataBytes).toBe(100_000 * (50 * 330 + 4_096));
});

it("the table of the operations page is this plan's", () => {
  const page = readFileSync("docs/operations.md", "utf8").replaceAll(/ +\|/g, " |");
  for (const users of PHASES) expect(page).toContain(planRow(planGrowth(users)));
});

it("says what to do", () => {
  expect(renderPlan(planGrowth(10_000_000))).toContain("Citus: distribute the users' tables");
});
