import { sqliteStorage, type SqliteValue } from "./storage/sqlite.ts";
import type { HalalStorage } from "./storage/storage.ts";

/** The part of an opened database of `expo-sqlite` that the storage uses. Source: expo-sqlite 57, `SQLiteDatabase`. */
export interface ExpoDatabase {
  runAsync(source: string, parameters: SqliteValue[]): Promise<unknown>;
  getAllAsync<T>(source: string, parameters: SqliteValue[]): Promise<T[]>;
}

/** Makes storage of an opened database: `await expoSqliteStorage(await openDatabaseAsync("halal.db"))`. */
export function expoSqliteStorage(database: ExpoDatabase): Promise<HalalStorage> {
  return sqliteStorage({
    run: async (sql, values) => void (await database.runAsync(sql, [...values])),
    all: (sql, values) => database.getAllAsync<unknown>(sql, [...values]),
  });
}
