/**
 * The parts of Expo's modules that the example of the phone library uses, because Expo itself is a thousand packages.
 * Source: the declarations of expo-sqlite 57, expo-crypto 57, expo-secure-store 57 and react-native 0.86.
 */
declare module "expo-sqlite" {
  export type SQLiteBindValue = string | number | null | boolean | Uint8Array;
  export type SQLiteBindParams = Record<string, SQLiteBindValue> | SQLiteBindValue[];
  export type SQLiteVariadicBindParams = SQLiteBindValue[];
  export interface SQLiteRunResult {
    lastInsertRowId: number;
    changes: number;
  }
  export class SQLiteDatabase {
    execAsync(source: string): Promise<void>;
    runAsync(source: string, params: SQLiteBindParams): Promise<SQLiteRunResult>;
    runAsync(source: string, ...params: SQLiteVariadicBindParams): Promise<SQLiteRunResult>;
    getAllAsync<T>(source: string, params: SQLiteBindParams): Promise<T[]>;
    getAllAsync<T>(source: string, ...params: SQLiteVariadicBindParams): Promise<T[]>;
  }
  export function openDatabaseAsync(databaseName: string): Promise<SQLiteDatabase>;
}

declare module "expo-crypto" {
  export function randomUUID(): string;
}

declare module "expo-secure-store" {
  export function getItemAsync(key: string): Promise<string | null>;
}

declare module "react-native" {
  import type { ComponentType, ReactNode } from "react";
  export const AppState: {
    addEventListener(
      type: "change",
      listener: (state: "active" | "background" | "inactive" | "unknown" | "extension") => void,
    ): { remove(): void };
  };
  export const View: ComponentType<{ children?: ReactNode }>;
  export const Text: ComponentType<{ children?: ReactNode }>;
  export const Button: ComponentType<{ title: string; onPress?: () => void }>;
}
