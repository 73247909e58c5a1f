import { appErrorOf } from "../../errors.ts";
import type { Db } from "../client/database.ts";
import type { ReadYourWrites } from "./read-your-writes.ts";
import type { ReadReplicas, UsableReplica } from "./replicas.ts";

/** A query with all its parameters except the database. */
export type Query<T> = (db: Db) => Promise<T>;

/** Sends each read to a replica that is recent enough for it, else to the primary. */
export interface Reads {
  /** Reads public rows: everything written until 1 s ago, and everything written through this instance. */
  readPublic<T>(query: Query<T>): Promise<T>;
  /** Reads a user's rows: everything that the user wrote through any instance. */
  readAsUser<T>(userId: string, query: Query<T>): Promise<T>;
  /** Reads a value that will be cached. A replica's value passes through `accept`, which returns null to reject it. */
  readCached<T>(query: Query<T>, accept: (value: T) => T | null): Promise<T>;
  /** Notes a user's write. Every write awaits it before it returns. */
  noteWrite(user: { readonly id: string; readonly isAdmin: boolean }): Promise<void>;
}

/** Returns the reads of a deployment without replicas. */
export function readPrimary(primary: Db): Reads {
  return {
    readPublic: (query) => query(primary),
    readAsUser: (_userId, query) => query(primary),
    readCached: (query) => query(primary),
    noteWrite: () => Promise.resolve(),
  };
}

/**
 * Returns reads that are spread over replicas. The primary answers queries that a replica cannot answer.
 * Errors: those of the primary.
 */
export function readReplicas(primary: Db, replicas: ReadReplicas, writes: ReadYourWrites): Reads {
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
      if (isUnavailable(error)) replica.leaveOut();
    }
    return value ?? query(primary);
  }
  // Boxed, because a query may return null or undefined.
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
      // Without a usable replica the round trip to Redis would be wasted.
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

/** Whether a replica failed or was too slow. An error without a cause comes from a full queue, not from the replica. */
function isUnavailable(error: unknown): boolean {
  const known = appErrorOf(error);
  return known?.code === "SERVICE_UNAVAILABLE" && known.cause !== undefined;
}
