import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import { benchBarcode } from "../src/seed/load-test-rows.ts";
import { withoutIndexes } from "./data.ts";
import type { BenchStack } from "./stack.ts";

/** Streams of rows at a time, because a backend of PostgreSQL uses one core. */
const STREAMS = 2;
/** Rows of one write to a stream. */
const CHUNK_ROWS = 2_000;
const FIRST_SCAN_MS = Date.UTC(2024, 10, 1);
const YEARS_MS = 2 * 365 * 86_400_000;

/** The id of the n-th user; equal in every run. */
export function scaleUser(n: number): string {
  const hex = createHash("md5").update(`scale ${n}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Rows of `COPY scans (user_id, id, barcode, scanned_at, recorded_at, halal_status, confidence)`. */
function* scanRows(
  firstUser: number,
  users: number,
  scansEach: number,
  products: number,
): Generator<string> {
  let chunk: string[] = [];
  for (let user = firstUser; user < firstUser + users; user += 1) {
    const id = scaleUser(user);
    for (let i = 0; i < scansEach; i += 1) {
      const number = user * scansEach + i;
      const mixed = Math.imul(number, 2_654_435_761) >>> 0;
      const scanId = `${mixed.toString(16).padStart(8, "0")}-${id.slice(9, 28)}${i.toString(16).padStart(8, "0")}`;
      const at = new Date(FIRST_SCAN_MS + (mixed / 2 ** 32) * YEARS_MS).toISOString();
      chunk.push(`${id}\t${scanId}\t${benchBarcode(mixed % products)}\t${at}\t${at}\tunknown\t0\n`);
      if (chunk.length < CHUNK_ROWS) continue;
      yield chunk.join("");
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk.join("");
}

/** Adds scans of users by `COPY`. Units: users from the n-th; scans of each. */
export async function copyScans(
  sql: postgres.Sql,
  {
    firstUser,
    users,
    scansEach,
    products,
  }: Readonly<Record<"firstUser" | "users" | "scansEach" | "products", number>>,
): Promise<void> {
  const part = Math.ceil(users / STREAMS);
  await Promise.all(
    Array.from({ length: STREAMS }, async (_, n) => {
      const count = Math.min(part, users - n * part);
      if (count <= 0) return;
      await sql.begin(async (transaction) => {
        const writable = await transaction`
          copy scans (user_id, id, barcode, scanned_at, recorded_at, halal_status, confidence) from stdin`.writable();
        await pipeline(
          Readable.from(scanRows(firstUser + n * part, count, scansEach, products)),
          writable,
        );
      });
    }),
  );
}

/** Fills the table of scans, without its indexes, which are made afterwards. */
export async function loadScaleScans(
  stack: BenchStack,
  database: string,
  amounts: { readonly users: number; readonly scansEach: number; readonly products: number },
): Promise<void> {
  await withoutIndexes(stack, database, async (sql) => {
    await sql.unsafe("alter table scans drop constraint scans_user_id_id_pk");
    await copyScans(sql, { firstUser: 0, ...amounts });
    await sql.unsafe(
      "alter table scans add constraint scans_user_id_id_pk primary key (user_id, id)",
    );
  });
}
