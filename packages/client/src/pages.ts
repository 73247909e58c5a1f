import type { TRPCClient } from "@trpc/client";
import type { AppRouter, RouterInputs, RouterOutputs } from "./app-router.ts";
import { nameIn } from "./cells/cell-entry.ts";
import { canonical } from "./cells/nearby.ts";
import { errorFactsOf } from "./errors.ts";
import { type FetchedResponse, fetchTextWithin, readRetryAfter } from "./fetch.ts";
import { languageOf, type ListParts } from "./lists/lists.ts";
import { within } from "./owner.ts";
import type { ReadOptions } from "./readings.ts";

type StoreDetail = RouterOutputs["store"]["byId"];
type ProductAnswer = RouterOutputs["product"]["byBarcode"];

/**
 * The facts known of a store, and where they come from. A store of the device whose opening state is over says that the
 * state is not known.
 */
export type StoreReading = StoreDetail & {
  readonly answeredBy: "server" | "device";
  /** Since the server has confirmed them. */
  readonly ageSeconds: number;
};

/** The parts of pages. */
export interface PageParts extends ListParts {
  readonly trpc: TRPCClient<AppRouter>;
  readonly languages: readonly string[];
  readonly patienceMs: number;
}

/** A page as it is stored. */
interface Stored {
  readonly etag: string;
  readonly store: StoreDetail;
}

type Known = Stored & { readonly confirmedAtMs: number };

const STORES_MAX = 300;
const WRITES_BETWEEN_TRIMS = 20;
/** An opening state without an instant of change holds for two weeks; a day less, for clocks. Units: milliseconds. */
const UNCHANGED_MS = 13 * 86_400_000;
/** Answers of the server that no phone can know better. */
const FINAL: ReadonlySet<string> = new Set(["BAD_REQUEST", "NOT_FOUND", "CONFLICT", "FORBIDDEN"]);

/** The pages of stores and products that are the same for everybody, from the edge, and stores from the device. */
export class Pages {
  readonly #parts: PageParts;
  #heldUntilMs = 0;
  #writes = 0;
  /** False once a server has said that it has no such addresses. */
  #hasProducts = true;

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  /** Everything known about a store, online or offline. Errors: that of the call, when nothing was kept either. */
  async store(
    input: RouterInputs["store"]["byId"],
    options: ReadOptions = {},
  ): Promise<StoreReading> {
    const { freshSeconds, nowMs, patienceMs } = this.#parts;
    const id = input.id.toLowerCase();
    const known = await this.#kept(id);
    const isFresh = known !== null && nowMs() - known.confirmedAtMs < freshSeconds * 1000;
    if (known !== null && isFresh && this.#holds(known)) return this.#shown(known, input, "device");
    const asked = this.#ask(input, id, known, options);
    if (known === null) return await asked;
    try {
      // One that fails later than it is waited for fails for nobody.
      asked.catch(() => {});
      const answer = await within(patienceMs, asked);
      return answer ?? this.#shown(known, input, "device");
    } catch (error) {
      if (options.signal?.aborted === true || FINAL.has(errorFactsOf(error).code ?? ""))
        throw error;
      return this.#shown(known, input, "device");
    }
  }

  /** The public answer about a barcode as the edge has it; null when it has to be asked of the procedure. */
  async product(
    gtin14: string,
    { madhab, locale }: Pick<RouterInputs["product"]["byBarcode"], "madhab" | "locale">,
    { signal }: ReadOptions = {},
  ): Promise<ProductAnswer | null> {
    if (!this.#hasProducts) return null;
    const language = languageOf(locale ? [locale] : this.#parts.languages);
    const school = madhab ? `&madhab=${madhab}` : "";
    const fetched = await this.#fetch(
      `/products/${gtin14}?locale=${language}${school}`,
      {},
      signal,
    );
    if (fetched === null) return null;
    if (fetched.response.status === 404) this.#hasProducts = false;
    return fetched.response.status === 200 ? (JSON.parse(fetched.text) as ProductAnswer) : null;
  }

  async #ask(
    input: RouterInputs["store"]["byId"],
    id: string,
    known: Known | null,
    options: ReadOptions,
  ): Promise<StoreReading> {
    const { nowMs, trpc } = this.#parts;
    const headers: Record<string, string> = known === null ? {} : { "if-none-match": known.etag };
    const fetched = await this.#fetch(`/stores/${encodeURIComponent(id)}`, headers, options.signal);
    const status = fetched?.response.status;
    if (known !== null && status === 304)
      return this.#shown(
        await this.#keep(id, { ...known, confirmedAtMs: nowMs() }),
        input,
        "server",
      );
    if (fetched !== null && status === 200) {
      const { response, text } = fetched;
      const etag = response.headers.get("etag");
      const ageMs = Number(response.headers.get("age") ?? 0) * 1000 || 0;
      const store = JSON.parse(text) as StoreDetail;
      const read = { etag: etag ?? "", store, confirmedAtMs: nowMs() - ageMs };
      // The server keeps from being stored what it is not sure of.
      return this.#shown(etag === null ? read : await this.#keep(id, read), input, "server");
    }
    const store = await trpc.store.byId.query(input, options);
    return { ...store, answeredBy: "server", ageSeconds: 0 };
  }

  /** Asks for a page without a token; null when there is no answer, or none is wanted yet. */
  async #fetch(
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly response: FetchedResponse; readonly text: string } | null> {
    const { url, fetch, timeoutMs, nowMs } = this.#parts;
    if (nowMs() < this.#heldUntilMs) return null;
    try {
      const init = { headers, signal: signal ?? null };
      const fetched = await fetchTextWithin(fetch, timeoutMs, `${url}${path}`, init);
      const { ok, headers: answered } = fetched.response;
      const retryAfter = readRetryAfter(answered.get("retry-after"), nowMs());
      if (!ok && retryAfter !== undefined) this.#heldUntilMs = nowMs() + retryAfter * 1000;
      return fetched;
    } catch {
      return null;
    }
  }

  async #kept(id: string): Promise<Known | null> {
    const entry = await this.#parts.storage.read("store", id);
    if (entry === null) return null;
    try {
      return { ...(JSON.parse(entry.text) as Stored), confirmedAtMs: entry.savedAtMs };
    } catch {
      return null;
    }
  }

  async #keep(id: string, known: Known): Promise<Known> {
    const { storage } = this.#parts;
    const { etag, store, confirmedAtMs } = known;
    const stored: Stored = { etag, store };
    await storage.write("store", id, { text: JSON.stringify(stored), savedAtMs: confirmedAtMs });
    this.#writes += 1;
    if (this.#writes % WRITES_BETWEEN_TRIMS === 0) await storage.trim("store", STORES_MAX);
    return known;
  }

  /** Whether the opening state is still what it was. */
  #holds({ store, confirmedAtMs }: Known): boolean {
    const change = store.opensAt ?? store.closesAt;
    const untilMs = change === null ? confirmedAtMs + UNCHANGED_MS : Date.parse(change);
    return store.isOpenNow === null || this.#parts.nowMs() < untilMs;
  }

  /** A store as `store.byId` shows it, called by its name in the first language that it has one in. */
  #shown(
    known: Known,
    { locale }: RouterInputs["store"]["byId"],
    answeredBy: StoreReading["answeredBy"],
  ): StoreReading {
    const { store, confirmedAtMs } = known;
    const languages = locale ? canonical([locale]) : this.#parts.languages;
    const name = nameIn(store.names, languages) ?? store.name;
    const state = this.#holds(known) ? {} : { isOpenNow: null, opensAt: null, closesAt: null };
    const ageSeconds = Math.max(0, (this.#parts.nowMs() - confirmedAtMs) / 1000);
    return { ...store, ...state, name, answeredBy, ageSeconds };
  }
}
