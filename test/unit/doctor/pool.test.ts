import { describe, expect, test } from "vitest";
import {
  checkPoolArithmetic,
  checkPooler,
  type PoolerFacts,
  serverConnections,
} from "../../../src/doctor/pool.ts";

/** The settings of pgbouncer/pgbouncer.ini. */
const pooler: PoolerFacts = {
  version: "1.25.2",
  poolMode: "transaction",
  poolSize: 25,
  reservePoolSize: 5,
  databaseConnectionsMax: 25,
  clientConnectionsMax: 1000,
  preparedStatementsMax: 200,
  queryWaitTimeoutSeconds: 5,
  waitingClients: 0,
  longestWaitSeconds: 0,
};
const server = { connectionsMax: 60, reserved: 3 };
const setup = { instances: 2, poolMax: 10, prepares: false };

describe("pool arithmetic", () => {
  const levels = (
    instances: Partial<typeof setup>,
    facts: Partial<PoolerFacts> = {},
    connections = server,
  ) =>
    checkPoolArithmetic({ ...setup, ...instances }, { ...pooler, ...facts }, connections).map(
      ({ level }) => level,
    );

  test("the shipped configuration fits", () => {
    expect(levels({})).toEqual(["ok", "ok"]);
    expect(serverConnections(pooler)).toBe(25);
    expect(serverConnections({ ...pooler, databaseConnectionsMax: 0 })).toBe(30);
    expect(serverConnections({ ...pooler, databaseConnectionsMax: 28 })).toBe(28);
  });

  test("the journal's connection counts, and a deploy doubles the sum: 45 instances fit, 46 do not", () => {
    const small = { poolSize: 200 };
    expect(levels({ instances: 45 }, small)[0]).toBe("ok");
    expect(levels({ instances: 46 }, small)[0]).toBe("fail");
  });

  test("too many instances for the server connections give the advice of a smaller pool", () => {
    const [finding] = checkPoolArithmetic({ ...setup, instances: 11 }, pooler, server);
    expect(finding).toMatchObject({
      level: "warn",
      advice: expect.stringContaining("DATABASE_POOL_MAX to 4"),
    });
  });

  test("PgBouncer must fit into PostgreSQL, with room for a migration", () => {
    expect(levels({}, {}, { connectionsMax: 31, reserved: 3 })[1]).toBe("ok");
    expect(levels({}, {}, { connectionsMax: 30, reserved: 3 })[1]).toBe("warn");
    expect(levels({}, {}, { connectionsMax: 27, reserved: 3 })[1]).toBe("fail");
  });

  test("addresses that lead to one PgBouncer share its clients", () => {
    const big = { poolSize: 200, databaseConnectionsMax: 0 };
    const facts = { ...pooler, ...big };
    const roomy = { connectionsMax: 300, reserved: 3 };
    const [one, two] = [1, 2].map(
      (poolsThere) => checkPoolArithmetic({ ...setup, instances: 30, poolsThere }, facts, roomy)[0],
    );
    expect(one).toMatchObject({ level: "ok" });
    expect(two).toMatchObject({
      level: "fail",
      found: expect.stringContaining("30 × (10 + 1) × 2 addresses = 660"),
    });
  });

  test("a read replica's findings have its address", () => {
    const findings = [
      ...checkPoolArithmetic(setup, pooler, server, "standby:6432"),
      ...checkPooler(setup, pooler, "standby:6432"),
    ];
    expect(findings.map(({ check }) => check)).toEqual([
      "instances to PgBouncer, standby:6432",
      "PgBouncer to PostgreSQL, standby:6432",
      "pool mode, standby:6432",
      "prepared statements, standby:6432",
      "waiting for a connection, standby:6432",
    ]);
  });

  test("without PgBouncer the instances must fit into PostgreSQL", () => {
    expect(checkPoolArithmetic(setup, null, server).map(({ level }) => level)).toEqual(["ok"]);
    const many = checkPoolArithmetic({ ...setup, instances: 3 }, null, server);
    expect(many.map(({ level }) => level)).toEqual(["fail"]);
  });
});

describe("PgBouncer", () => {
  const levels = (facts: Partial<PoolerFacts>, prepares = false) =>
    Object.fromEntries(
      checkPooler({ ...setup, prepares }, { ...pooler, ...facts }).map(({ check, level }) => [
        check,
        level,
      ]),
    );

  test("the shipped configuration is ok, with and without prepared statements", () => {
    const fine = {
      "pool mode": "ok",
      "prepared statements": "ok",
      "waiting for a connection": "ok",
    };
    expect(levels({})).toEqual(fine);
    expect(levels({}, true)).toEqual(fine);
  });

  test.each([
    ["session mode", { poolMode: "session" }, false, "pool mode", "warn"],
    ["statement mode", { poolMode: "statement" }, false, "pool mode", "fail"],
    ["prepared, none kept", { preparedStatementsMax: 0 }, true, "prepared statements", "fail"],
    ["not prepared, none kept", { preparedStatementsMax: 0 }, false, "prepared statements", "ok"],
    ["prepared, before 1.21", { version: "1.20.1" }, true, "prepared statements", "fail"],
    ["prepared, 1.21", { version: "1.21.0" }, true, "prepared statements", "ok"],
    [
      "prepared, none kept, session mode",
      { poolMode: "session", preparedStatementsMax: 0 },
      true,
      "prepared statements",
      "ok",
    ],
    ["no wait timeout", { queryWaitTimeoutSeconds: 0 }, false, "waiting for a connection", "warn"],
    [
      "the default wait timeout",
      { queryWaitTimeoutSeconds: 120 },
      false,
      "waiting for a connection",
      "warn",
    ],
    [
      "clients waiting",
      { waitingClients: 9, longestWaitSeconds: 1.2 },
      false,
      "waiting for a connection",
      "warn",
    ],
  ] as const)("%s", (_name, facts, prepares, check, level) => {
    expect(levels(facts, prepares)).toMatchObject({ [check]: level });
  });
});
