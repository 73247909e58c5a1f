import { parseJson } from "./json.ts";
import { type FileRecord, type FileRecords, isObject } from "./records.ts";
import { SourceError } from "./source.ts";

/** A member of the file's one object. */
export interface JsonMember {
  readonly key: string;
  readonly value: unknown;
}

/** The largest file, which is read into memory; taxonomies have about 30 MB. */
const BYTES_MAX = 256 * 1024 * 1024;
const RECORDS_AT_ONCE = 1_000;

/**
 * Reads the members of a file that is one JSON object, such as the JSON form of an Open Food Facts taxonomy.
 * Errors: SourceError when the file is not one object, is cut off, or is larger than 256 MB.
 */
export async function* readJsonMembers(chunks: AsyncIterable<Buffer>): FileRecords {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > BYTES_MAX)
      throw new SourceError("the file is larger than a taxonomy can be (256 MB)");
  }
  const whole = Buffer.concat(parts);
  const parsed = parseJson(whole, whole.toString("utf8"));
  if ("problem" in parsed || !isObject(parsed.value)) {
    throw new SourceError("the file is not one JSON object of entries by id, or it is cut off");
  }
  let records: FileRecord[] = [];
  let position = 0;
  for (const [key, value] of Object.entries(parsed.value)) {
    position += 1;
    records.push({ position, value: { key, value } satisfies JsonMember });
    if (records.length < RECORDS_AT_ONCE) continue;
    yield records;
    records = [];
  }
  yield records;
}
