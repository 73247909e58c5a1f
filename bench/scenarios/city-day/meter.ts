import { readFileSync } from "node:fs";
import type postgres from "postgres";
import { docker } from "../../docker.ts";
import { cpuSeconds, residentMegabytes } from "../../processes.ts";
import type { Instance } from "../../instance.ts";
import type { BenchStack } from "../../stack.ts";

const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;
const TICKS_PER_SECOND = 100;
const EVERY_MS = 1_000;

/** A part of the deployment whose processor time can be read. Units: seconds. */
export interface Part {
  readonly name: string;
  readonly cpuSeconds: () => number;
}

/** The figures of one second. */
export interface MeterSample {
  /** Time since the meter was started. Units: seconds. */
  readonly atSeconds: number;
  /** Database connections of PgBouncer, and the active ones among them. */
  readonly connections: number;
  readonly activeConnections: number;
  /** Memory of the largest instance. Units: megabytes. */
  readonly instanceMegabytes: number;
}

/** Measures a deployment during a run. */
export interface Meter {
  readonly samples: readonly MeterSample[];
  /** Returns the average number of cores that each part has used since the last call. */
  cores(): Record<string, number>;
  stop(): Promise<void>;
}

/** Makes a part of a container, whose control group (version 1 or 2) has its processor time. Errors: without one. */
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

/** Returns the processor time of the whole machine, with the kernel's and the time stolen by its host. Units: seconds. */
function machineCpuSeconds(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

/** Starts measuring database connections, memory and processor time. */
export async function startMeter(
  stack: BenchStack,
  sql: postgres.Sql,
  instances: readonly Instance[],
  nginxId: string,
): Promise<Meter> {
  const named: Part[] = [
    {
      name: "instances",
      cpuSeconds: () => instances.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
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
      instanceMegabytes: Math.max(...instances.map(({ pid }) => residentMegabytes(pid))),
    });
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // A second without an answer from the database is left out.
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

/** Returns the number of cached answers of all instances by state. */
export async function cacheAnswers(
  instances: readonly Instance[],
): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { host, port } of instances) {
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
