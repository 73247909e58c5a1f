import { parentCodes, readENumber } from "../../../../src/food/e-number.ts";
import type { RouterOutputs } from "../app-router.ts";
import type { AdditiveAnswer, Kept } from "../kept/kept-answers.ts";
import type { Source } from "../readings.ts";
import { type KeptList, type ListKind, type ListParts, SharedList } from "./shared-list.ts";

/** A certifier as `certifier.list` has it. */
export type Certifier = RouterOutputs["certifier"]["list"]["items"][number];
/** A boycott target as `boycott.list` has it. */
export type BoycottTarget = RouterOutputs["boycott"]["list"]["items"][number];
/** An additive as every list of them has it, explained in one language. */
export type Additive = RouterOutputs["additive"]["search"]["items"][number];

/** A whole list, and since when the server has confirmed it. */
export type ListAnswer<Item> = { readonly items: readonly Item[] } & Source;

interface AskedCode {
  readonly code: string;
  readonly madhab?: string | null | undefined;
  readonly locale?: string | null | undefined;
}

/** An answer of `/lists/additives`. */
interface AdditivesAnswer {
  readonly version: number;
  readonly snapshot: string;
  readonly isWhole: boolean;
  readonly items: readonly Additive[];
  readonly removed: readonly string[];
}

/** The lists that are the same for everybody, on the device. */
export class Lists {
  readonly #nowMs: () => number;
  readonly #certifiers: SharedList<Certifier>;
  readonly #boycotts: SharedList<BoycottTarget>;
  readonly #additives: SharedList<Additive>;
  readonly #language: string;

  constructor(parts: ListParts & { readonly languages: readonly string[] }) {
    this.#nowMs = parts.nowMs;
    this.#language = languageOf(parts.languages);
    this.#certifiers = new SharedList(parts, wholeList<Certifier>("certifiers"));
    this.#boycotts = new SharedList(parts, wholeList<BoycottTarget>("boycotts"));
    this.#additives = new SharedList(parts, additiveList(this.#language));
  }

  /** All certifiers, the most trusted first. Errors: that of the request, when nothing was kept. */
  async certifiers(): Promise<ListAnswer<Certifier>> {
    return this.#answer(await this.#certifiers.get());
  }

  /** All active boycott targets. Errors: that of the request, when nothing was kept. */
  async boycotts(): Promise<ListAnswer<BoycottTarget>> {
    return this.#answer(await this.#boycotts.get());
  }

  /** All additives by code. Errors: that of the request, when nothing was kept. */
  async additives(): Promise<ListAnswer<Additive>> {
    return this.#answer(await this.#additives.get());
  }

  /**
   * An additive from the list, which is confirmed where it is not fresh, as `additive.byCode` answers; null where the
   * device has no list, or that has no such code or is in another language.
   */
  async findAdditive(asked: AskedCode): Promise<Kept<AdditiveAnswer> | null> {
    const kept = await this.#additives.kept();
    return kept === null ? null : this.#find(asked, await this.#additives.get());
  }

  /** The same from the list as the device has it, however old. */
  async keptAdditive(asked: AskedCode): Promise<Kept<AdditiveAnswer> | null> {
    const kept = await this.#additives.kept();
    return kept === null ? null : this.#find(asked, kept);
  }

  #find(asked: AskedCode, list: KeptList<Additive>): Kept<AdditiveAnswer> | null {
    const reading = readENumber(asked.code);
    if (!reading.ok || (asked.locale && languageOf([asked.locale]) !== this.#language)) return null;
    const requestedCode = reading.eNumber.code;
    for (const code of [requestedCode, ...parentCodes(requestedCode)]) {
      const found = list.items.find((one) => one.code === code);
      if (found === undefined) continue;
      const ruling = found.rulings.find(({ madhab }) => madhab === asked.madhab) ?? null;
      const effectiveStatus = ruling?.halalStatus ?? found.halalStatus;
      const viaParent = code !== requestedCode;
      const value = { ...found, requestedCode, viaParent, ruling, effectiveStatus };
      return { value, savedAtMs: list.confirmedAtMs };
    }
    return null;
  }

  #answer<Item>({ items, confirmedAtMs }: KeptList<Item>): ListAnswer<Item> {
    const ageSeconds = Math.max(0, (this.#nowMs() - confirmedAtMs) / 1000);
    return { items, answeredBy: "device", ageSeconds };
  }
}

/** A list that is sent whole whenever something of it has changed. */
function wholeList<Item>(name: string): ListKind<Item> {
  return {
    key: name,
    question: (etag) => ({
      path: `/lists/${name}`,
      headers: etag === null || etag === "" ? {} : { "if-none-match": etag },
    }),
    read(text, etag) {
      const { items } = JSON.parse(text) as { readonly items?: readonly Item[] };
      return Array.isArray(items) ? { mark: etag ?? "", items } : null;
    },
  };
}

/** All additives, of which only changes are sent again. */
function additiveList(language: string): ListKind<Additive> {
  return {
    key: `additives ${language}`,
    question: (snapshot) => ({
      path: `/lists/additives?locale=${language}${snapshot === null ? "" : `&since=${snapshot}`}`,
      headers: {},
    }),
    read(text, _etag, known) {
      const answer = JSON.parse(text) as AdditivesAnswer;
      if (answer.version !== 1) return null;
      if (answer.isWhole) return { mark: answer.snapshot, items: answer.items };
      const byCode = new Map(known.map((one) => [one.code, one]));
      for (const code of answer.removed) byCode.delete(code);
      for (const one of answer.items) byCode.set(one.code, one);
      // Older engines of phones have no toSorted.
      const items = [...byCode.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
      return { mark: answer.snapshot, items };
    },
  };
}

/** The first of the caller's languages that the server speaks, else English. */
function languageOf(tags: readonly string[]): string {
  const primary = tags.map((tag) => tag.toLowerCase().split("-", 1)[0] ?? "");
  return primary.find((one) => one === "en" || one === "fr" || one === "ar") ?? "en";
}
