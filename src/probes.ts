import type { Journal } from "./cache/journal.ts";
import type { Db } from "./db/client/database.ts";
import type { ReadReplicas, ReplicaState } from "./db/replicas/replicas.ts";
import { type Probe, type ProbeResult, sharedCheck } from "./http/health.ts";
import { loadProbe, type LoadShedder } from "./http/load-shedding.ts";
import type { RedisBreaker } from "./redis/circuit-breaker.ts";

/** The parts of an instance that `/health/ready` checks. */
export interface ProbedParts {
  readonly journal: Journal;
  /** The journal's connection, because a full pool must not make the instance unready. */
  readonly journalDb: Db;
  readonly pendingMigrations: (db: Db) => Promise<readonly string[]>;
  readonly shedder: LoadShedder;
  readonly replicas: ReadReplicas | null;
  readonly redis: RedisBreaker | null;
}

/** Creates the readiness probes. Without the database or a migration the instance cannot answer; the rest is optional. */
export function createProbes(parts: ProbedParts): readonly Probe[] {
  const { journal, journalDb, pendingMigrations, shedder, replicas, redis } = parts;
  return [
    {
      name: "database",
      required: true,
      check: async () => {
        await journal.sync();
        return { ok: true };
      },
    },
    {
      name: "migrations",
      required: true,
      check: sharedCheck(async () => {
        const pending = await pendingMigrations(journalDb);
        return pending.length === 0
          ? { ok: true }
          : { ok: false, detail: `missing: ${pending.join(", ")}` };
      }),
    },
    loadProbe(shedder),
    ...(replicas === null ? [] : replicas.states().map(({ name }) => replicaProbe(replicas, name))),
    ...(redis === null ? [] : [redisProbe(redis)]),
  ];
}

function replicaProbe(replicas: ReadReplicas, name: string): Probe {
  const check = () => replicaResult(replicas.states().find((state) => state.name === name));
  return { name, required: false, check: () => Promise.resolve(check()) };
}

function replicaResult(state: ReplicaState | undefined): ProbeResult {
  if (state?.usable === true) return { ok: true };
  const isFollowing = state !== undefined && Number.isFinite(state.behindSeconds);
  return {
    ok: false,
    detail: isFollowing
      ? `${state.behindSeconds.toFixed(1)} s behind`
      : "does not answer, or is no standby of this database that can be followed",
  };
}

function redisProbe(redis: RedisBreaker): Probe {
  return {
    name: "redis",
    required: false,
    check: async () => ({
      ok: (await redis.call((client) => client.set("probe", "1", "PX", 1000))) === "OK",
    }),
  };
}
