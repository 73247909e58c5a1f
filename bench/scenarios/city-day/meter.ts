import { readFileSync } from "node:fs";
import type postgres from "postgres";
import { docker } from "../../docker.ts";
import { cpuSeconds, residentMegabytes } from "../../processes.ts";
import type { Replica } from "../../replica.ts";
import type { BenchStack } from "../../stack.ts";

const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;
const TICKS_PER_SECOND = 100;
const EVERY_MS = 1_000;

/** Something that uses the machine, and how to read its processor time so far. Units: seconds. */
export interface Part {
  readonly name: string;
  readonly cpuSeconds: () => number;
}

/** What was seen each second. */
export interface MeterSample {
  /** Since the meter was started. Units: seconds. */
  readonly atSeconds: number;
  /** Database connections from PgBouncer, and those of them that were at work. */
  readonly connections: number;
  readonly activeConnections: number;
  /** Of the biggest replica. Units: megabytes. */
  readonly replicaMegabytes: number;
}

/** Watches a run from beside it. */
export interface Meter {
  readonly samples: readonly MeterSample[];
  /** Cores that each part has used since the last call, on average. */
  cores(): Record<string, number>;
  stop(): Promise<void>;
}

/** Processor time of a container, from its control group (version 1 or 2). Errors: when there is none to read. */
export async function containerPart(name: string, id: string): Promise<Part> {
  const pid = await docker("inspect", "--format", "{{.State.Pid}}", id);
  const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const first = groups
    .map((line) => line.split(":"))
    .find(([, kinds]) => kinds?.split(",").includes("cpuacct"));
  if (first !== undefined) {
    const file = `/sys/fs/cgroup/cpuacct${first[2] ?? ""}/cpuacct.usage`;
    return { name, cpuSeconds: () => Number(readFileSync(file, "utf8")) / NANOSECONDS };
  }
  const path = groups.find((line) => line.startsWith("0::"))?.slice(3) ?? "";
  return {
    name,
    cpuSeconds: () => {
      const text = readFileSync(`/sys/fs/cgroup${path}/cpu.stat`, "utf8");
      return Number(/usage_usec (\d+)/.exec(text)?.[1]) / MICROSECONDS;
    },
  };
}

/** Processor time of everything on the machine, in the kernel and stolen by its host as well. Units: seconds. */
function machineCpuSeconds(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

/** Begins to watch database connections, memory and processor time. */
export async function startMeter(
  stack: BenchStack,
  sql: postgres.Sql,
  replicas: readonly Replica[],
  nginxId: string,
): Promise<Meter> {
  const named: Part[] = [
    {
      name: "replicas",
      cpuSeconds: () => replicas.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
    },
    await containerPart("PostgreSQL", stack.postgis.id),
    await containerPart("PgBouncer", stack.pgbouncer.id),
    await containerPart("Redis", stack.redis.id),
    await containerPart("nginx", nginxId),
    { name: "load generator", cpuSeconds: () => cpuSeconds(process.pid) },
  ];
  const rest: Part = {
    name: "everything else",
    cpuSeconds: () => machineCpuSeconds() - named.reduce((sum, part) => sum + part.cpuSeconds(), 0),
  };
  const parts = [...named, rest];
  const samples: MeterSample[] = [];
  const startedAt = performance.now();
  const look = async () => {
    const [row] = await sql<{ connections: number; active: number }[]>`
      select count(*)::int as connections, count(*) filter (where state = 'active')::int as active
      from pg_stat_activity
      where datname = current_database() and client_addr = ${stack.pgbouncer.host}::inet`;
    samples.push({
      atSeconds: (performance.now() - startedAt) / 1000,
      connections: row?.connections ?? Number.NaN,
      activeConnections: row?.active ?? Number.NaN,
      replicaMegabytes: Math.max(...replicas.map(({ pid }) => residentMegabytes(pid))),
    });
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // A second in which nobody answers is left out.
    looking = looking.then(look).catch(() => undefined);
  }, EVERY_MS);
  let before = parts.map((part) => part.cpuSeconds());
  let beforeAt = startedAt;
  return {
    samples,
    cores() {
      const now = parts.map((part) => part.cpuSeconds());
      const at = performance.now();
      const seconds = (at - beforeAt) / 1000;
      const cores = parts.map(
        ({ name }, i) => [name, ((now[i] ?? 0) - (before[i] ?? 0)) / seconds] as const,
      );
      before = now;
      beforeAt = at;
      return Object.fromEntries(cores);
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Cached answers of all replicas so far, by state. */
export async function cacheAnswers(replicas: readonly Replica[]): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { host, port } of replicas) {
    const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
    for (const [, labels = "", value] of text.matchAll(
      /^halal_cache_answers_total\{(.+)\} (\S+)$/gm,
    )) {
      const state = /state="(\w+)"/.exec(labels)?.[1] ?? "";
      const tier = /tier="(\w+)"/.exec(labels)?.[1] ?? "";
      const name = state === "MISS" ? state : `${state} ${tier}`;
      sums[name] = (sums[name] ?? 0) + Number(value);
    }
  }
  return sums;
}
