import { sqliteStorage, type SqliteValue } from "./storage/sqlite.ts";
import type { HalalStorage } from "./storage/storage.ts";

/** The part of `DatabaseSync` of `node:sqlite` that the storage uses. */
export interface NodeDatabase {
  prepare(sql: string): {
    run(...values: SqliteValue[]): unknown;
    all(...values: SqliteValue[]): unknown[];
  };
}

/** Makes storage of an opened database: `await nodeSqliteStorage(new DatabaseSync("halal.db"))`. */
export function nodeSqliteStorage(database: NodeDatabase): Promise<HalalStorage> {
  return sqliteStorage({
    run: async (sql, values) => void database.prepare(sql).run(...values),
    all: async (sql, values) => database.prepare(sql).all(...values),
  });
}
