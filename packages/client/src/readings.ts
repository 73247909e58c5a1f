import type { TRPCClient } from "@trpc/client";
import { barcodeFault, readBarcode } from "../../../src/food/barcode.ts";
import type { AppRouter, RouterInputs } from "./app-router.ts";
import { errorFactsOf, HalalClientError } from "./errors.ts";
import type { AdditiveAnswer, Kept, KeptAnswers, KeptProduct } from "./kept/kept-answers.ts";
import type { Lists } from "./lists/lists.ts";
import type { Owner } from "./owner.ts";

/** Where an answer comes from. The field is not called `source`, because that of an additive names who rules on it. */
export type Source =
  | { readonly answeredBy: "server"; readonly ageSeconds: 0 }
  /** Kept from an earlier answer, so long ago. */
  | { readonly answeredBy: "device"; readonly ageSeconds: number };

/** The facts known of a product; `boycott` is null when only a scan of it was kept. */
export type ProductReading = KeptProduct & Source;
/** The facts known of an additive. */
export type AdditiveReading = AdditiveAnswer & Source;

/** Options of a read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** Answers of the server that no phone can know better. */
const FINAL: ReadonlySet<string> = new Set(["BAD_REQUEST", "NOT_FOUND", "CONFLICT", "FORBIDDEN"]);

/** The parts of reads. */
export interface ReadingParts {
  readonly trpc: TRPCClient<AppRouter>;
  readonly kept: KeptAnswers;
  readonly owner: Owner;
  readonly lists: Pick<Lists, "findAdditive" | "keptAdditive">;
  readonly patienceMs: number;
  readonly nowMs: () => number;
}

/** Reads products and additives: from the server, or what it said before when it cannot be reached. */
export class Readings {
  readonly #parts: ReadingParts;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  /** Tells what is known of a barcode. Errors: that of the call, when nothing was kept either. */
  async productByBarcode(
    input: RouterInputs["product"]["byBarcode"],
    options: ReadOptions = {},
  ): Promise<ProductReading> {
    const { trpc, kept, owner } = this.#parts;
    const gtin14 = gtin14Of(input.barcode);
    return this.#read(
      async () => fromServer(await trpc.product.byBarcode.query(input, options)),
      async () => kept.findProduct(gtin14, input.madhab ?? null, await owner.current()),
      options,
    );
  }

  /**
   * Tells what is known of an additive: from the whole list where the device has it, else the server's word.
   * Errors: that of the call, when nothing was kept either.
   */
  async additiveByCode(
    input: RouterInputs["additive"]["byCode"],
    options: ReadOptions = {},
  ): Promise<AdditiveReading> {
    const { trpc, kept, lists } = this.#parts;
    return await this.#read(
      async () =>
        this.#fromDevice(await lists.findAdditive(input)) ??
        fromServer(await trpc.additive.byCode.query(input, options)),
      async () =>
        (await lists.keptAdditive(input)) ??
        (await kept.findAdditive(input.code, input.madhab ?? null)),
      options,
    );
  }

  /** Asks the server, and the device when the server fails or takes too long. */
  async #read<T extends Unmarked>(
    ask: () => Promise<T & Source>,
    find: () => Promise<Kept<T> | null>,
    { signal }: ReadOptions,
  ): Promise<T & Source> {
    const { patienceMs } = this.#parts;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const asked = ask();
    const slow = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    }).then(async () => this.#fromDevice(await find()) ?? asked);
    try {
      return await Promise.race([asked, slow]);
    } catch (error) {
      if (signal?.aborted === true || FINAL.has(errorFactsOf(error).code ?? "")) throw error;
      const found = this.#fromDevice(await find());
      if (found === undefined) throw error;
      return found;
    } finally {
      clearTimeout(timer);
    }
  }

  #fromDevice<T extends Unmarked>(kept: Kept<T> | null): (T & Source) | undefined {
    if (kept === null) return undefined;
    const ageSeconds = Math.max(0, (this.#parts.nowMs() - kept.savedAtMs) / 1000);
    return { ...kept.value, answeredBy: "device", ageSeconds };
  }
}

/** The fields that the client adds; no answer of the server's may have them, because it would lose them. */
type Unmarked = object & { readonly [Field in keyof Source]?: never };

/** Marks an answer as the server's. */
function fromServer<T extends Unmarked>(answer: T): T & Source {
  return { ...answer, answeredBy: "server", ageSeconds: 0 };
}

/** Reads a barcode as canonical GTIN-14. Errors: HalalClientError for a text that is none. */
export function gtin14Of(barcode: string): string {
  const reading = readBarcode(barcode);
  if (!reading.ok)
    throw new HalalClientError("BAD_REQUEST", reading.message, barcodeFault(reading));
  return reading.barcode.gtin14;
}
