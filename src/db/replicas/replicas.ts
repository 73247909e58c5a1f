import { sql } from "drizzle-orm";
import {
  type Database,
  type DatabaseOptions,
  type DatabaseStats,
  type Db,
  openDatabase,
} from "../client/database.ts";

/** What the primary said of itself. */
export interface PrimaryReading {
  /** When it was asked, on the clock of `performance.now()`. */
  readonly beganAt: number;
  /** Which database and timeline it is. */
  readonly databaseId: string;
  /** Where its log was: all that was committed before the asking lies before it. Units: bytes. */
  readonly lsn: number;
}

/** A replica that may answer now. */
export interface UsableReplica {
  readonly db: Db;
  /** Leaves the replica out until it has been asked anew and answered. */
  leaveOut(): void;
}

/** How a replica is doing, for readiness and metrics. */
export interface ReplicaState {
  readonly name: string;
  readonly usable: boolean;
  /** How long ago the primary was where the replica is now; infinite when that is not known. Units: seconds. */
  readonly behindSeconds: number;
  readonly statements: () => DatabaseStats;
}

/** What a replica said of itself. */
interface ReplicaReading {
  readonly databaseId: string;
  readonly isInRecovery: boolean;
  readonly replayedLsn: number;
}

/**
 * A read may miss what was written less than 1 s before it began, and no more;
 * the rest of the second is for the answer's way out.
 */
const BEHIND_MAX_MS = 900;
const POLL_INTERVAL_MS = 250;
const POLL_DEADLINE_MS = 500;
/** With the primary's deadline after it, a call still ends within 3 s. */
const STATEMENT_DEADLINE_MS = 500;
/** Waiting here is pointless when the primary can answer. */
const WAITING_MAX = 100;
const PRIMARY_READINGS_MAX = 50;

/**
 * Asks a standby how far it is. Its control file names a new timeline only after its own restart point,
 * so after a failover it stays unlike its primary for some minutes rather than look alike too early.
 */
async function askReplica(db: Db): Promise<ReplicaReading> {
  const [row] = await db.execute<ReplicaReading & Record<string, unknown>>(sql`
    select
      (select system_identifier::text from pg_control_system())
        || '/' || (select oid::text from pg_database where datname = current_database())
        || '/' || upper(lpad(to_hex(greatest(
          (select timeline_id from pg_control_checkpoint()),
          (select min_recovery_end_timeline from pg_control_recovery()))), 8, '0')) as "databaseId",
      pg_is_in_recovery() as "isInRecovery",
      coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::float8, 0) as "replayedLsn"`);
  if (row === undefined) throw new Error("the replica gave no row");
  return row;
}

class Replica implements UsableReplica {
  readonly name: string;
  readonly database: Database;
  readonly db: Db;
  readonly #watcher: Database;
  /** What it answered last; null when it is left out until it answers again. */
  #reading: ReplicaReading | null = null;
  #leftOutAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #poll: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(name: string, options: Pick<DatabaseOptions, "url" | "poolMax" | "prepare">) {
    this.name = name;
    const common = { ...options, cancellable: true, retriesLost: false };
    this.database = openDatabase({
      ...common,
      deadlineMs: STATEMENT_DEADLINE_MS,
      waitingMax: WAITING_MAX,
      applicationName: "halal-backend-reads",
    });
    this.db = this.database.db;
    // A connection of its own, so that a full pool does not look like a dead replica.
    this.#watcher = openDatabase({
      ...common,
      poolMax: 1,
      deadlineMs: POLL_DEADLINE_MS,
      waitingMax: 1,
      applicationName: "halal-backend-watcher",
    });
    this.#poll = this.#watch();
  }

  leaveOut(): void {
    this.#leftOutAt = performance.now();
    this.#reading = null;
  }

  /** The latest asking of the primary whose answer the replica has replayed; -Infinity when there is none. */
  coveredAt(readings: readonly PrimaryReading[]): number {
    const reading = this.#reading;
    const newest = readings.at(-1);
    if (reading === null || newest === undefined) return Number.NEGATIVE_INFINITY;
    if (!reading.isInRecovery || reading.databaseId !== newest.databaseId)
      return Number.NEGATIVE_INFINITY;
    const covered = readings.findLast(({ lsn }) => lsn <= reading.replayedLsn);
    return covered?.beganAt ?? Number.NEGATIVE_INFINITY;
  }

  hasReplayed(lsn: number): boolean {
    return this.#reading !== null && this.#reading.replayedLsn >= lsn;
  }

  get load(): number {
    const { running, waiting } = this.database.stats();
    return running + waiting;
  }

  /** Asks once now, and again and again. */
  async firstAnswer(): Promise<void> {
    await this.#poll;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.database.close(), this.#watcher.close()]);
    await this.#poll;
  }

  async #watch(): Promise<void> {
    const beganAt = performance.now();
    try {
      const reading = await askReplica(this.#watcher.db);
      if (beganAt > this.#leftOutAt) this.#reading = reading;
    } catch {
      this.#reading = null;
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#poll = this.#watch();
    }, POLL_INTERVAL_MS);
  }
}

/**
 * Streaming replicas that are watched: one that is dead, behind, promoted or another database's is left out,
 * and taken back when it has caught up.
 */
export class ReadReplicas {
  readonly #replicas: readonly Replica[];
  /** Of one database, oldest first. */
  #primary: PrimaryReading[] = [];
  #turn = 0;

  constructor(urls: readonly string[], options: Pick<DatabaseOptions, "poolMax" | "prepare">) {
    this.#replicas = urls.map((url, i) => new Replica(`replica-${i + 1}`, { ...options, url }));
  }

  /** Waits until each replica has answered, or has not in time. */
  async start(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.firstAnswer()));
  }

  /** Takes in what the primary said; to be called for each of its answers, in their order. */
  observe(reading: PrimaryReading): void {
    if (this.#primary.at(-1)?.databaseId !== reading.databaseId) this.#primary = [];
    this.#primary.push(reading);
    if (this.#primary.length > PRIMARY_READINGS_MAX) this.#primary.shift();
  }

  /**
   * The least busy replica that shows all that was written until 1 s ago, and all that lies before `lsn`;
   * null when there is none. Units: bytes.
   */
  find(lsn: number): UsableReplica | null {
    const nowMs = performance.now();
    let best: Replica | null = null;
    let bestLoad = Number.POSITIVE_INFINITY;
    this.#turn += 1;
    for (let i = 0; i < this.#replicas.length; i += 1) {
      const replica = this.#replicas[(i + this.#turn) % this.#replicas.length];
      if (replica === undefined || !replica.hasReplayed(lsn)) continue;
      if (nowMs - replica.coveredAt(this.#primary) > BEHIND_MAX_MS) continue;
      const { load } = replica;
      if (load < bestLoad) {
        best = replica;
        bestLoad = load;
      }
    }
    return best;
  }

  states(): ReplicaState[] {
    const nowMs = performance.now();
    return this.#replicas.map((replica) => {
      const behindMs = nowMs - replica.coveredAt(this.#primary);
      return {
        name: replica.name,
        usable: behindMs <= BEHIND_MAX_MS,
        behindSeconds: behindMs / 1000,
        statements: () => replica.database.stats(),
      };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.close()));
  }
}
