import { readableBytes } from "./finding.ts";

/** The cost of one kind of call. Units: processor time in milliseconds; of the database at most, as its time alone. */
interface CallCost {
  readonly call: string;
  /** Of all calls. */
  readonly share: number;
  readonly instanceMs: number;
  readonly databaseMs: number;
  readonly isWrite: boolean;
}

/**
 * The calls of a user who uses the app, ten a minute.
 * Source: docs/performance.md (hits, misses, scans); shares are assumptions after the plan of 80 % hits.
 */
export const CALL_COSTS: readonly CallCost[] = [
  { call: "a hit", share: 0.8, instanceMs: 0.08, databaseMs: 0, isWrite: false },
  { call: "a miss of stores", share: 0.05, instanceMs: 4.8, databaseMs: 6.5, isWrite: false },
  { call: "a scan", share: 0.03, instanceMs: 2.77, databaseMs: 5.5, isWrite: true },
  { call: "a user's list", share: 0.12, instanceMs: 0.8, databaseMs: 3.3, isWrite: false },
];

/** Assumptions about users. Units: calls a minute of those who use the app at the busiest moment; rows. */
export const ASSUMPTIONS = {
  activeShare: 0.05,
  callsPerMinute: 10,
  scansEach: 50,
  /** Measured: a scan with its indexes. Units: bytes. */
  bytesPerScan: 330,
  /** Favourites, reads, profile and phones. Units: bytes. */
  bytesPerUser: 4_096,
} as const;

/** No processor is to be busier, so that a peak or a lost instance has room. */
const BUSY_MAX = 0.6;
/** An instance, and a server without a user's rows. Units: bytes. */
const INSTANCE_BYTES = 256 * 1024 ** 2;
const SERVER_BYTES = 2 * 1024 ** 3;
/** Of users' rows, those that are read again and again. */
const HOT_SHARE = 0.1;
const CONNECTIONS_MIN = 10;
const INSTANCES_MIN = 2;
/** One server is bought with as many cores easily, and restored in hours with as many bytes. */
const SERVER_CORES = 16;
const SERVER_DATA_BYTES = 1024 ** 4;
const PARTITION_SCANS = 20_000_000;
/** On Citus a call took 1.4 to 3.8 times as long on the same cores. */
const CITUS_FACTOR = 2;

/** A phase of the growth path. */
export type Phase = "one machine" | "more instances" | "partitions" | "read replicas" | "Citus";

/** The resources that a number of users needs. */
export interface GrowthPlan {
  readonly users: number;
  readonly phase: Phase;
  readonly callsPerSecond: number;
  readonly statementsPerSecond: number;
  /** Of one core each. */
  readonly instances: number;
  /** Of all database servers together. */
  readonly databaseCores: number;
  /** Of them, those that only the primary, or the workers of Citus, can give. */
  readonly writeCores: number;
  readonly databaseServers: number;
  readonly connections: number;
  readonly instanceBytes: number;
  readonly databaseBytes: number;
  readonly dataBytes: number;
}

/** Computes what a number of registered users needs at the busiest moment. */
export function planGrowth(users: number): GrowthPlan {
  const { activeShare, callsPerMinute, scansEach, bytesPerScan, bytesPerUser } = ASSUMPTIONS;
  const callsPerSecond = (users * activeShare * callsPerMinute) / 60;
  const cores = (costOf: (cost: CallCost) => number) =>
    CALL_COSTS.reduce(
      (sum, cost) => sum + (callsPerSecond * cost.share * costOf(cost)) / 1_000,
      0,
    ) / BUSY_MAX;
  const instances = Math.max(INSTANCES_MIN, Math.ceil(cores(({ instanceMs }) => instanceMs)));
  const onOneServer = cores(({ databaseMs }) => databaseMs);
  const writes = cores(({ databaseMs, isWrite }) => (isWrite ? databaseMs : 0));
  const scans = users * scansEach;
  const dataBytes = scans * bytesPerScan + users * bytesPerUser;
  const phase = phaseOf({ writes, onOneServer, scans, dataBytes, instances });
  const factor = phase === "Citus" ? CITUS_FACTOR : 1;
  const databaseCores = Math.max(1, Math.ceil(onOneServer * factor));
  const databaseServers = Math.ceil(databaseCores / SERVER_CORES) + (phase === "Citus" ? 1 : 0);
  return {
    users,
    phase,
    callsPerSecond: Math.round(callsPerSecond),
    statementsPerSecond: Math.round(
      callsPerSecond * (1 - (CALL_COSTS.find(({ databaseMs }) => databaseMs === 0)?.share ?? 0)),
    ),
    instances,
    databaseCores,
    writeCores: Math.max(1, Math.ceil(writes * factor)),
    databaseServers,
    connections: Math.max(CONNECTIONS_MIN, Math.ceil(onOneServer * factor * 2)),
    instanceBytes: instances * INSTANCE_BYTES,
    databaseBytes: databaseServers * SERVER_BYTES + dataBytes * HOT_SHARE,
    dataBytes,
  };
}

function phaseOf(needs: {
  readonly writes: number;
  readonly onOneServer: number;
  readonly scans: number;
  readonly dataBytes: number;
  readonly instances: number;
}): Phase {
  if (needs.writes > SERVER_CORES || needs.dataBytes > SERVER_DATA_BYTES) return "Citus";
  if (needs.onOneServer > SERVER_CORES) return "read replicas";
  if (needs.scans > PARTITION_SCANS) return "partitions";
  return needs.instances > INSTANCES_MIN ? "more instances" : "one machine";
}

const count = (value: number): string => value.toLocaleString("en");

/** A plan as a row of the table in docs/operations.md. */
export function planRow(plan: GrowthPlan): string {
  const cells = [
    count(plan.users),
    count(plan.callsPerSecond),
    count(plan.statementsPerSecond),
    `${count(plan.instances)}, ${readableBytes(plan.instanceBytes)}`,
    `${count(plan.databaseCores)} (${count(plan.writeCores)})`,
    count(plan.databaseServers),
    readableBytes(plan.databaseBytes),
    count(plan.connections),
    readableBytes(plan.dataBytes),
    plan.phase,
  ];
  return `| ${cells.join(" | ")} |`;
}

const WHAT_TO_DO: Readonly<Record<Phase, string>> = {
  "one machine": "docker compose up: everything on one machine",
  "more instances": "instances and Redis on machines of their own, beside one database",
  partitions: "as before; npm run scans:partition, unless scans has partitions from the start",
  "read replicas": "DATABASE_REPLICA_URLS for what may be some seconds old",
  Citus: "distribute the users' tables by user_id",
};

/** A plan as text for a terminal. */
export function renderPlan(plan: GrowthPlan): string {
  const { activeShare, callsPerMinute, scansEach } = ASSUMPTIONS;
  const lines: readonly (readonly [string, string])[] = [
    [
      "users",
      `${count(plan.users)}, of whom ${activeShare * 100} % use the app at the busiest moment`,
    ],
    [
      "calls",
      `${count(plan.callsPerSecond)}/s (${callsPerMinute} a minute each), ${count(plan.statementsPerSecond)}/s of them ask the database`,
    ],
    [
      "instances",
      `${count(plan.instances)} of one core, ${readableBytes(plan.instanceBytes)} of memory`,
    ],
    [
      "database",
      `${count(plan.databaseCores)} cores, ${count(plan.writeCores)} of them for writes; ${count(plan.databaseServers)} servers; ${readableBytes(plan.databaseBytes)} of memory`,
    ],
    ["connections", `${count(plan.connections)} from PgBouncer to the database`],
    ["data", `${readableBytes(plan.dataBytes)} of users' rows (${scansEach} scans each)`],
    ["phase", `${plan.phase}: ${WHAT_TO_DO[plan.phase]}`],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return `${lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join("\n")}\n\nMeasured costs and assumptions: src/doctor/growth-plan.ts. What to do: docs/operations.md, growth path.\n`;
}
