import { sql } from "drizzle-orm";
import type { CachedQuery } from "../cache/policy.ts";
import type { CacheEvent } from "../db/cache-events.ts";
import { textArray } from "../db/sql-fragments.ts";
import {
  BARCODE_JOINS,
  barcodeColumns,
  type BarcodeRow,
  type WantedBarcode,
} from "./barcode-query.ts";

/** The field of a product by which an entry knows which writes affect it. */
interface CertifiedProduct {
  readonly certifierId: string | null;
}

/** Recalls that are over are told from those in force when an answer is made: an entry outlives them. */
const ANY_TIME = new Date(0);

/** Whether a boycott target with these names or prefixes could be, or be the parent of, one of the product's. */
function mayBeBoycotted<P>(
  keys: string,
  { prefixes }: WantedBarcode,
  { brandKeys, boycottTargets }: BarcodeRow<P>,
): boolean {
  const names = (key: string | null) => key !== null && keys.includes(`|${key}|`);
  return (
    brandKeys.some(names) ||
    prefixes.some(names) ||
    boycottTargets.some(({ parentKey }) => names(parentKey))
  );
}

/**
 * The policy of a barcode's entry, which all features share that ask for what the tables know of one: a barcode that
 * nobody knows is cached, too. Rulings are not in it, and its recalls are those of any time.
 * Units: canonical GTIN-14; the first digits of its GTIN-13. `answersKept` as in `CachePolicy`.
 */
export function barcodePolicy<P extends CertifiedProduct>(
  answersKept: number,
): CachedQuery<WantedBarcode, BarcodeRow<P>> {
  return {
    name: "product",
    shape: "product-2",
    key: ({ barcode }) => `product:${barcode}`,
    isAffected: (event: CacheEvent, parameters, value) => {
      const { ref } = event;
      switch (event.topic) {
        case "product":
          // A line names many barcodes.
          return ref === null || ref.includes(parameters.barcode);
        case "recall":
          return ref === null || ref === parameters.barcode;
        case "certifier":
          return (
            value === undefined ||
            (value.product !== null && (ref === null || value.product.certifierId === ref))
          );
        case "boycott":
          return (
            value === undefined ||
            value.boycottTargets.some((target) => ref === null || target.id === ref)
          );
        case "boycott_keys":
          return value === undefined || ref === null || mayBeBoycotted(ref, parameters, value);
        case "source":
          return value === undefined || (ref !== null && value.sourceIds.includes(ref));
        default:
          return false;
      }
    },
    answersKept,
    query: async (db, { barcode, prefixes }) => {
      const [row] = await db.execute<
        BarcodeRow<P> & { readonly snapshot: string } & Record<string, unknown>
      >(sql`
        select pg_current_snapshot()::text as "snapshot", ${barcodeColumns(ANY_TIME)}
        from (select ${barcode}::char(14) as barcode, ${textArray(prefixes)} as prefixes) as wanted
        ${sql.raw(BARCODE_JOINS)}`);
      if (row === undefined) throw new Error("the barcode's query gave no row");
      const { snapshot, ...value } = row;
      return { value, snapshot };
    },
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (payload) => JSON.parse(payload.toString()) as BarcodeRow<P>,
  };
}
