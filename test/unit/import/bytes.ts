import type { FileRecord, FileRecords } from "../../../src/import/read/records.ts";

/** Bytes in pieces of a given size, as a stream would bring them. */
export async function* inChunks(bytes: Buffer | string, size = 7): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

/** All records of a reader. */
export async function collect(records: FileRecords): Promise<FileRecord[]> {
  const all: FileRecord[] = [];
  for await (const group of records) all.push(...group);
  return all;
}

/** The values of the records, with the reason in place of a broken one. */
export function valuesOf(records: readonly FileRecord[]): unknown[] {
  return records.map((record) => ("problem" in record ? record.problem.reason : record.value));
}
