import type {
  Collection,
  Entry,
  HalalStorage,
  LaneName,
  QueuedChange,
  RefusedChange,
} from "./storage.ts";

type Kept = QueuedChange & { refusal: { readonly code: string; readonly message: string } | null };

/** Storage that ends with the process, for tests and for apps that need nothing offline. */
export function memoryStorage(): HalalStorage {
  const changes = new Map<string, Kept>();
  const collections = new Map<Collection, Map<string, Entry>>();
  const idOf = (lane: LaneName, id: string) => `${lane} ${id}`;
  const entriesOf = (collection: Collection) => {
    const entries = collections.get(collection) ?? new Map<string, Entry>();
    collections.set(collection, entries);
    return entries;
  };
  const isFor = (owner: string | null, change: Kept) =>
    change.owner === null || change.owner === owner;
  return {
    async append(added) {
      for (const change of added) {
        const id = idOf(change.lane, change.id);
        if (!changes.has(id)) changes.set(id, { ...change, refusal: null });
      }
    },
    async waiting(lane, owner, limit) {
      return [...changes.values()]
        .filter((one) => one.lane === lane && one.refusal === null && isFor(owner, one))
        .slice(0, limit)
        .map(({ id, lane: its, owner: whose, body }) => ({ id, lane: its, owner: whose, body }));
    },
    async countWaiting() {
      return [...changes.values()].filter(({ refusal }) => refusal === null).length;
    },
    async refuse(lane, outcomes) {
      for (const { id, code, message } of outcomes) {
        const change = changes.get(idOf(lane, id));
        if (change !== undefined) change.refusal ??= { code, message };
      }
    },
    async refused(owner) {
      return [...changes.values()].flatMap((one): RefusedChange[] => {
        const { refusal, ...change } = one;
        return refusal !== null && isFor(owner, one) ? [{ ...change, ...refusal }] : [];
      });
    },
    async retry(lane, id) {
      const change = changes.get(idOf(lane, id));
      if (change !== undefined) change.refusal = null;
    },
    async remove(lane, ids) {
      for (const id of ids) changes.delete(idOf(lane, id));
    },
    async read(collection, key) {
      return entriesOf(collection).get(key) ?? null;
    },
    async write(collection, key, entry) {
      entriesOf(collection).set(key, entry);
    },
    async trim(collection, keep) {
      const entries = entriesOf(collection);
      const latest = [...entries].sort(([, a], [, b]) => b.savedAtMs - a.savedAtMs);
      for (const [key] of latest.slice(keep)) entries.delete(key);
    },
    async clear() {
      changes.clear();
      collections.clear();
    },
  };
}
