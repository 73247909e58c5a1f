/** One record of a file: its position, and its value or its problem. */
export type FileRecord =
  | { readonly position: number; readonly value: unknown }
  | { readonly position: number; readonly problem: RecordProblem };

/** Why a record is rejected: a code for counting, and a sentence for people. */
export interface RecordProblem {
  readonly reason: string;
  readonly detail: string;
}

/** Records in groups, because one step of the event loop for each record would be slow. */
export type FileRecords = AsyncIterable<readonly FileRecord[]>;

/** The unit of a record's position. */
export type PositionUnit = "line" | "item";

/** A larger record is rejected; records of real exports are far smaller. Units: bytes. */
export const RECORD_BYTES_MAX = 8 * 1024 * 1024;

/** Deeper JSON is rejected; real exports have about six levels. */
export const NESTING_MAX = 64;

/** Makes a record's problem. */
export function problem(reason: string, detail: string): RecordProblem {
  return { reason, detail };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
