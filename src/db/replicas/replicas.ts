import { sql } from "drizzle-orm";
import {
  type Database,
  type DatabaseOptions,
  type DatabaseStats,
  type Db,
  openDatabase,
} from "../client/database.ts";

/** A reading of the primary's state. */
export interface PrimaryReading {
  /** When the reading began. Units: clock of `performance.now()`. */
  readonly beganAt: number;
  /** The database and its timeline. */
  readonly databaseId: string;
  /** The end of the write-ahead log. Everything committed before the reading lies before it. Units: bytes. */
  readonly lsn: number;
}

/** A replica that may answer reads. */
export interface UsableReplica {
  readonly db: Db;
  /** Sends no reads to the replica until it has answered another poll. */
  leaveOut(): void;
}

/** The state of a replica, for readiness and metrics. */
export interface ReplicaState {
  readonly name: string;
  readonly usable: boolean;
  /** The replica's lag; infinite when unknown. Units: seconds. */
  readonly behindSeconds: number;
  readonly statements: () => DatabaseStats;
}

/** A reading of a replica's state. */
interface ReplicaReading {
  readonly databaseId: string;
  readonly isInRecovery: boolean;
  readonly replayedLsn: number;
}

/**
 * The largest lag of a replica that is used. A read must show everything written until 1 s ago; the remaining 100 ms
 * are for sending the answer.
 */
const BEHIND_MAX_MS = 900;
const POLL_INTERVAL_MS = 250;
const POLL_DEADLINE_MS = 500;
/** Short enough that a call ends within 3 s, even if the primary must be read after the replica. */
const STATEMENT_DEADLINE_MS = 500;
/** A short queue, because the primary can answer instead. */
const WAITING_MAX = 100;
const PRIMARY_READINGS_MAX = 50;

/**
 * Reads a standby's position. Its control file names a new timeline only after its own restart point, so after a
 * failover the standby is not used for some minutes, which is the safe direction.
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
  /** The last reading; null while the replica gets no reads. */
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
      shedsEarly: true,
      applicationName: "halal-backend-reads",
    });
    this.db = this.database.db;
    // Polls use their own connection, because a full pool does not mean a dead replica.
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

  /** Returns when the latest reading of the primary began that the replica has replayed, or -Infinity. */
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

  /** Waits for the first poll. */
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
 * Polls streaming replicas, and selects one for each read. A replica that is dead, behind, promoted or of another
 * database gets no reads until it has caught up.
 */
export class ReadReplicas {
  readonly #replicas: readonly Replica[];
  /** Readings of one primary, oldest first. */
  #primary: PrimaryReading[] = [];
  #turn = 0;

  constructor(urls: readonly string[], options: Pick<DatabaseOptions, "poolMax" | "prepare">) {
    this.#replicas = urls.map((url, i) => new Replica(`replica-${i + 1}`, { ...options, url }));
  }

  /** Waits until each replica has answered its first poll or missed its deadline. */
  async start(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.firstAnswer()));
  }

  /** Processes a reading of the primary; called for each reading, in order. */
  observe(reading: PrimaryReading): void {
    if (this.#primary.at(-1)?.databaseId !== reading.databaseId) this.#primary = [];
    this.#primary.push(reading);
    if (this.#primary.length > PRIMARY_READINGS_MAX) this.#primary.shift();
  }

  /**
   * Returns the least busy replica that shows everything written until 1 s ago and everything before `lsn`, or null.
   * Units: bytes.
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
