/** One record of a file: where it stood, and what it says or what is wrong with it. */
export type FileRecord =
  | { readonly position: number; readonly value: unknown }
  | { readonly position: number; readonly problem: RecordProblem };

/** Why a record is not taken: a code to count by, and a sentence for people. */
export interface RecordProblem {
  readonly reason: string;
  readonly detail: string;
}

/** Records come in groups, because one step of the event loop a record would be slow. */
export type FileRecords = AsyncIterable<readonly FileRecord[]>;

/** What a record's position counts. */
export type PositionUnit = "line" | "item";

/** A larger record is skipped, not read: the real exports stay far under it. Units: bytes. */
export const RECORD_BYTES_MAX = 8 * 1024 * 1024;

/** Deeper JSON is refused; the real exports have about six levels. */
export const NESTING_MAX = 64;

/** Makes a record's problem. */
export function problem(reason: string, detail: string): RecordProblem {
  return { reason, detail };
}

/** Tells a JSON object from everything else. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
