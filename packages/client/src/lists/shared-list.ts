import {
  type FetchedResponse,
  type FetchLike,
  fetchTextWithin,
  HttpError,
  readRetryAfter,
} from "../fetch.ts";
import type { HalalStorage } from "../storage/storage.ts";

/** A list that is kept, and when the server last said that it is right. */
export interface KeptList<Item> {
  readonly items: readonly Item[];
  /** Units: Unix milliseconds. */
  readonly confirmedAtMs: number;
}

/** The parts of lists. */
export interface ListParts {
  /** Of the server. */
  readonly url: string;
  readonly fetch: FetchLike;
  readonly storage: HalalStorage;
  readonly timeoutMs: number;
  /** For so long a list is used without asking the server. Units: seconds. */
  readonly freshSeconds: number;
  readonly nowMs: () => number;
}

/** A list as it is stored. `mark` tells the server which edition it is. */
interface Stored<Item> {
  readonly mark: string;
  readonly items: readonly Item[];
}

type Known<Item> = Stored<Item> & { confirmedAtMs: number };

/** How one list is asked for, and what an answer makes of the edition that is known. */
export interface ListKind<Item> {
  /** The key under which it is kept. */
  readonly key: string;
  /** The address and the headers of the question, with the mark of the known edition; null without one. */
  readonly question: (mark: string | null) => {
    readonly path: string;
    readonly headers: Record<string, string>;
  };
  /** Reads an answer; null for one that this release cannot read. Errors: any, for one that is none. */
  readonly read: (text: string, etag: string | null, known: readonly Item[]) => Stored<Item> | null;
}

/** A list that is the same for everybody: fetched once, confirmed when it is no longer fresh, used without a network. */
export class SharedList<Item> {
  readonly #parts: ListParts;
  readonly #kind: ListKind<Item>;
  #known: Known<Item> | null | undefined;
  #asking: Promise<KeptList<Item>> | undefined;
  #heldUntilMs = 0;

  constructor(parts: ListParts, kind: ListKind<Item>) {
    this.#parts = parts;
    this.#kind = kind;
  }

  /** The list, confirmed just now where the server answers. Errors: that of the request, when nothing was kept. */
  async get(): Promise<KeptList<Item>> {
    const fresh = await this.fresh();
    if (fresh !== null) return fresh;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  /** The list where it need not be asked for; null else. */
  async fresh(): Promise<KeptList<Item> | null> {
    const { freshSeconds, nowMs } = this.#parts;
    const known = await this.kept();
    return known !== null && nowMs() - known.confirmedAtMs < freshSeconds * 1000 ? known : null;
  }

  /** The list as the device has it, however old; null when it was never fetched. */
  async kept(): Promise<KeptList<Item> | null> {
    this.#known ??= await this.#restore();
    return this.#known;
  }

  async #restore(): Promise<Known<Item> | null> {
    const entry = await this.#parts.storage.read("list", this.#kind.key);
    if (entry === null) return null;
    try {
      const { mark, items } = JSON.parse(entry.text) as Stored<Item>;
      return Array.isArray(items) ? { mark, items, confirmedAtMs: entry.savedAtMs } : null;
    } catch {
      return null;
    }
  }

  async #ask(): Promise<KeptList<Item>> {
    const known = this.#known ?? null;
    try {
      return await this.#fetch(known);
    } catch (error) {
      if (known === null) throw error;
      return known;
    }
  }

  async #fetch(known: Known<Item> | null): Promise<KeptList<Item>> {
    const { url, fetch, timeoutMs, nowMs, storage } = this.#parts;
    if (nowMs() < this.#heldUntilMs) throw new HttpError(429, null);
    const { path, headers } = this.#kind.question(known?.mark ?? null);
    const { response, text } = await fetchTextWithin(fetch, timeoutMs, `${url}${path}`, {
      headers,
      signal: null,
    });
    const confirmedAtMs = nowMs() - (Number(response.headers.get("age") ?? 0) * 1000 || 0);
    if (response.status === 304 && known !== null) known.confirmedAtMs = confirmedAtMs;
    else {
      const read = this.#readAnswer(response, text, known);
      // The server is not sure of this one, and keeps it from being stored.
      if (response.headers.get("etag") === null) return known ?? { ...read, confirmedAtMs };
      this.#known = { ...read, confirmedAtMs };
    }
    const { mark, items } = this.#known ?? { mark: "", items: [] };
    const stored: Stored<Item> = { mark, items };
    await storage.write("list", this.#kind.key, {
      text: JSON.stringify(stored),
      savedAtMs: confirmedAtMs,
    });
    return { items, confirmedAtMs };
  }

  #readAnswer(response: FetchedResponse, text: string, known: Stored<Item> | null): Stored<Item> {
    const { status, headers } = response;
    const retryAfter = readRetryAfter(headers.get("retry-after"), this.#parts.nowMs());
    if (retryAfter !== undefined && status !== 200)
      this.#heldUntilMs = this.#parts.nowMs() + retryAfter * 1000;
    const read =
      status === 200 ? this.#kind.read(text, headers.get("etag"), known?.items ?? []) : null;
    if (read === null) throw new HttpError(status, headers.get("retry-after"));
    return read;
  }
}
