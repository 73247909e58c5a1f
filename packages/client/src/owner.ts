import { subjectOf, type TokenSource } from "./token.ts";
import type { HalalStorage } from "./storage/storage.ts";

const SETTING = "owner";

/**
 * Tells whose changes are made. Getting a token may take a network, which a phone in a shop has not: then it is still the
 * user of the token before.
 */
export class Owner {
  readonly #tokens: TokenSource;
  readonly #storage: HalalStorage;
  readonly #patienceMs: number;
  #known: string | null | undefined;

  constructor(tokens: TokenSource, storage: HalalStorage, patienceMs: number) {
    this.#tokens = tokens;
    this.#storage = storage;
    this.#patienceMs = patienceMs;
  }

  /** The user who is signed in; null for a guest. */
  async current(): Promise<string | null> {
    const token = await within(
      this.#patienceMs,
      this.#tokens.current().catch(() => undefined),
    );
    if (token === undefined) return await this.#last();
    const owner = subjectOf(token);
    if (owner !== (await this.#last())) {
      this.#known = owner;
      await this.#storage.write("setting", SETTING, { text: owner ?? "", savedAtMs: 0 });
    }
    return owner;
  }

  async #last(): Promise<string | null> {
    if (this.#known === undefined) {
      const entry = await this.#storage.read("setting", SETTING);
      this.#known = entry === null || entry.text === "" ? null : entry.text;
    }
    return this.#known;
  }
}

/** Waits for work so long at most; undefined when the time is over. Units: milliseconds. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
