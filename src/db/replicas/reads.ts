import { appErrorOf } from "../../errors.ts";
import type { Db } from "../client/database.ts";
import type { RecentWrites } from "./recent-writes.ts";
import type { ReadReplicas, UsableReplica } from "./replicas.ts";

/** A query with what it needs but the database. */
export type Query<T> = (db: Db) => Promise<T>;

/** Where reads go: to a replica that is good enough for them, else to the primary. */
export interface Reads {
  /** Reads what everybody may know: all that was written until 1 s ago, or at once through this process. */
  readPublic<T>(query: Query<T>): Promise<T>;
  /** Reads a user's rows: all that this user wrote, through whichever process. */
  readAsUser<T>(userId: string, query: Query<T>): Promise<T>;
  /** Reads what will be cached: what a replica gives counts only as `accept` has it (null: not at all). */
  readCached<T>(query: Query<T>, accept: (value: T) => T | null): Promise<T>;
  /** To be awaited by every write of a user before it returns. */
  noteWrite(user: { readonly id: string; readonly isAdmin: boolean }): Promise<void>;
}

/** Reads without replicas. */
export function readPrimary(primary: Db): Reads {
  return {
    readPublic: (query) => query(primary),
    readAsUser: (_userId, query) => query(primary),
    readCached: (query) => query(primary),
    noteWrite: () => Promise.resolve(),
  };
}

/**
 * Reads spread over replicas. A query that a replica cannot answer is asked of the primary.
 * Errors: those of the primary.
 */
export function readReplicas(primary: Db, replicas: ReadReplicas, writes: RecentWrites): Reads {
  async function tryReplica<T>(
    replica: UsableReplica | null,
    query: Query<T>,
    accept: (value: T) => T | null,
  ): Promise<T> {
    if (replica === null) return query(primary);
    let value: T | null = null;
    try {
      value = accept(await query(replica.db));
    } catch (error) {
      if (isAway(error)) replica.leaveOut();
    }
    return value ?? query(primary);
  }
  // What is read may itself be null or undefined.
  async function readFrom<T>(replica: UsableReplica | null, query: Query<T>): Promise<T> {
    const boxed = await tryReplica(
      replica,
      async (db) => ({ value: await query(db) }),
      (box) => box,
    );
    return boxed.value;
  }
  const find = (lsn: number | null) => (lsn === null ? null : replicas.find(lsn));

  return {
    readPublic: (query) => readFrom(find(writes.publicLsn), query),
    async readAsUser(userId, query) {
      const publicLsn = writes.publicLsn;
      // No use in asking Redis when no replica could be taken anyway.
      if (find(publicLsn) === null) return query(primary);
      const lsn = await writes.lsnOf(userId);
      return readFrom(
        find(lsn === null || publicLsn === null ? null : Math.max(lsn, publicLsn)),
        query,
      );
    },
    readCached: (query, accept) => tryReplica(replicas.find(0), query, accept),
    noteWrite: (user) => writes.add(user.id, user.isAdmin),
  };
}

/** Whether a replica was lost or too slow. That too many statements wait for it has no cause: it is well. */
function isAway(error: unknown): boolean {
  const known = appErrorOf(error);
  return known?.code === "SERVICE_UNAVAILABLE" && known.cause !== undefined;
}
