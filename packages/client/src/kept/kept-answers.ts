import { readENumber } from "../../../../src/food/e-number.ts";
import type { RouterOutputs } from "../app-router.ts";
import type { Collection, HalalStorage } from "../storage/storage.ts";

/** The server's answer about a product. */
export type ProductAnswer = RouterOutputs["product"]["byBarcode"];
/** The server's answer about an additive. */
export type AdditiveAnswer = RouterOutputs["additive"]["byCode"];
type Scanned = Pick<RouterOutputs["scans"]["record"], "scan" | "product" | "verdict" | "recalls">;

/** A product as it is kept; an answer to a scan says nothing of boycotts. */
export interface KeptProduct {
  readonly barcode: string;
  readonly product: ProductAnswer["product"];
  readonly verdict: Scanned["verdict"];
  readonly boycott: ProductAnswer["boycott"] | null;
  readonly recalls: ProductAnswer["recalls"];
}

/** Something that was kept, and since when. */
export interface Kept<T> {
  readonly value: T;
  /** Units: Unix milliseconds. */
  readonly savedAtMs: number;
}

/** So many are kept of each; the latest. */
const PRODUCTS_MAX = 1_000;
const ADDITIVES_MAX = 500;
/** After so many writes the oldest entries are dropped. */
const WRITES_BETWEEN_TRIMS = 50;
/** Between the parts of a key; a barcode is digits, a school a word. */
const SEPARATOR = " ";

/** The products and additives that the server has told this phone of. */
export class KeptAnswers {
  readonly #storage: HalalStorage;
  readonly #nowMs: () => number;
  #writes = 0;

  constructor(storage: HalalStorage, nowMs: () => number) {
    this.#storage = storage;
    this.#nowMs = nowMs;
  }

  /** Keeps the answer to a public question. */
  async keepProduct({ barcode, product, verdict, boycott, recalls }: ProductAnswer): Promise<void> {
    const kept: KeptProduct = { barcode, product, verdict, boycott, recalls };
    await this.#write("product", productKey(barcode, verdict.madhab, null), kept);
  }

  /** Keeps the answer to a user's scan, whose verdict has their own warnings. */
  async keepScan({ scan, product, verdict, recalls }: Scanned, owner: string): Promise<void> {
    const { barcode } = scan;
    const kept: KeptProduct = { barcode, product, verdict, boycott: null, recalls };
    await this.#write("product", productKey(barcode, verdict.madhab, owner), kept);
    await this.#write("product", productKey(barcode, "", owner), kept);
  }

  async keepAdditive(answer: AdditiveAnswer): Promise<void> {
    await this.#write("additive", answer.requestedCode, answer);
  }

  /**
   * The last answer about a barcode, for one school or as it was asked for; a user's own before the public one.
   * Recalls that have ended are left out.
   */
  async findProduct(
    gtin14: string,
    madhab: string | null,
    owner: string | null,
  ): Promise<Kept<KeptProduct> | null> {
    const keys =
      owner === null
        ? [productKey(gtin14, madhab, null)]
        : [productKey(gtin14, madhab ?? "", owner), productKey(gtin14, madhab, null)];
    for (const key of keys) {
      const kept = await this.#read<KeptProduct>("product", key);
      if (kept === null) continue;
      const now = new Date(this.#nowMs()).toISOString();
      const recalls = kept.value.recalls.filter(
        ({ expiresAt }) => expiresAt === null || expiresAt > now,
      );
      return { value: { ...kept.value, recalls }, savedAtMs: kept.savedAtMs };
    }
    return null;
  }

  /** The last answer about an additive in any usual spelling, as one school sees it. */
  async findAdditive(asked: string, madhab: string | null): Promise<Kept<AdditiveAnswer> | null> {
    const reading = readENumber(asked);
    if (!reading.ok) return null;
    const kept = await this.#read<AdditiveAnswer>("additive", reading.eNumber.code);
    if (kept === null) return null;
    // The kept answer has every school's ruling.
    const ruling = kept.value.rulings.find((one) => one.madhab === madhab) ?? null;
    const effectiveStatus = ruling?.halalStatus ?? kept.value.halalStatus;
    return { ...kept, value: { ...kept.value, ruling, effectiveStatus } };
  }

  async #read<T>(collection: Collection, key: string): Promise<Kept<T> | null> {
    const entry = await this.#storage.read(collection, key);
    if (entry === null) return null;
    try {
      return { value: JSON.parse(entry.text) as T, savedAtMs: entry.savedAtMs };
    } catch {
      return null;
    }
  }

  async #write(collection: Collection, key: string, value: unknown): Promise<void> {
    const entry = { text: JSON.stringify(value), savedAtMs: this.#nowMs() };
    await this.#storage.write(collection, key, entry);
    this.#writes += 1;
    if (this.#writes % WRITES_BETWEEN_TRIMS !== 0) return;
    await this.#storage.trim("product", PRODUCTS_MAX);
    await this.#storage.trim("additive", ADDITIVES_MAX);
  }
}

/** The madhab is null for the general rulings, and empty for whatever a user's profile says. */
function productKey(gtin14: string, madhab: string | null, owner: string | null): string {
  return [gtin14, madhab ?? "general", owner ?? "anybody"].join(SEPARATOR);
}
