import type { Cache } from "../../cache/cache.ts";
import type { Cached } from "../../cache/policy.ts";
import { withCache } from "../../cache/with-cache.ts";
import { AppError } from "../../errors.ts";
import { companyPrefixes, parseBarcode } from "../../food/barcode.ts";
import type { Answer, FastCall, FastContext, FastQuery } from "../../trpc/fast-query.ts";
import type { Product } from "../../trpc/product.ts";
import { productPolicy } from "../../trpc/product-policy.ts";
import { resultOf } from "../../trpc/result-bytes.ts";
import type { BarcodeRow, WantedBarcode } from "../../verdict/barcode-query.ts";
import { boycottPolicy } from "./policies.ts";
import { type ActiveTargets, type KeyedTarget, MATCHES_MAX, matchTargets } from "./queries.ts";
import { CheckInput, CheckOutput, MATCH_KINDS, type MatchedTarget } from "./schemas.ts";

const { name: cacheName } = productPolicy;

/** `boycott.check` of a barcode, from the entry of its product and that of all targets. A brand is for the procedure. */
export const barcodeCheck: FastQuery = {
  isRepeated: true,
  parse(given) {
    const { data, success } = CheckInput.safeParse(given);
    if (!success || data.brand !== undefined || data.barcode === undefined) return undefined;
    try {
      return new BarcodeCheck(data.barcode);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  },
};

type Tagged<V> = Pick<Cached<V>, "value" | "etag">;

class BarcodeCheck implements FastCall {
  readonly #wanted: WantedBarcode;

  /** Errors: BAD_REQUEST for what is no barcode. */
  constructor(written: string) {
    const { gtin14 } = parseBarcode(written);
    this.#wanted = { barcode: gtin14, prefixes: companyPrefixes(gtin14) };
  }

  peek(cache: Cache): Answer | undefined {
    const active = cache.peek(boycottPolicy, boycottPolicy.key(null));
    if (active === undefined || !active.value.isWhole) return undefined;
    const product = cache.peek(productPolicy, productPolicy.key(this.#wanted));
    return product === undefined ? undefined : this.#answer(product, active);
  }

  async load(context: FastContext): Promise<Answer> {
    const apart = { ...context, answers: [] };
    const active = await withCache(apart, boycottPolicy, null);
    if (!active.value.isWhole) {
      const { barcode, prefixes } = this.#wanted;
      const asked = { brand: null, gtin14: barcode, gtinPrefixes: prefixes };
      const targets = await context.reads.readPublic((db) => matchTargets(db, asked));
      return { bytes: bytesOf(targets), etag: "", isShared: false, cacheName };
    }
    const product = await withCache(context, productPolicy, this.#wanted);
    const answer = this.#answer(product, active);
    product.etag = answer.etag;
    return answer;
  }

  #answer(product: Tagged<BarcodeRow<Product>>, active: Tagged<ActiveTargets>): Answer {
    const targets = matchKeys(active.value.targets, product.value.brandKeys, this.#wanted.prefixes);
    const etag = product.etag + active.etag;
    return { bytes: bytesOf(targets), etag, isShared: false, cacheName };
  }
}

/** The answer of targets, the surest first. */
export function checked(targets: MatchedTarget[]): CheckOutput {
  return {
    boycotted: targets.some(({ matchedBy }) => matchedBy !== "gtin_prefix"),
    targets,
    matchedBy: targets[0]?.matchedBy ?? null,
  };
}

/** The schema leaves the keys out. */
function bytesOf(targets: MatchedTarget[]) {
  return resultOf(JSON.stringify(CheckOutput.parse(checked(targets))));
}

const shares = (one: readonly string[], other: readonly string[]) =>
  one.some((key) => other.includes(key));

/** Finds the targets of brand keys and prefixes as `matchTargets` does, the surest first, then by company. */
function matchKeys(
  targets: readonly KeyedTarget[],
  brandKeys: readonly string[],
  prefixes: readonly string[],
): MatchedTarget[] {
  const ranks = new Map<KeyedTarget, number>();
  const parents: (readonly string[])[] = [];
  for (const target of targets) {
    const rank = directRank(target, brandKeys, prefixes);
    if (rank === null) continue;
    ranks.set(target, rank);
    if (rank <= BY_BRAND) parents.push(target.keys.parent);
  }
  for (const target of targets) {
    const isParent = parents.some((keys) => shares(target.keys.company, keys));
    if (isParent) ranks.set(target, Math.min(ranks.get(target) ?? BY_PARENT, BY_PARENT));
  }
  return targets
    .flatMap((target) => {
      const rank = ranks.get(target);
      return rank === undefined ? [] : [{ target, rank }];
    })
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, MATCHES_MAX)
    .map(({ target, rank }) => ({
      ...target,
      matchedBy: MATCH_KINDS[rank] ?? "gtin_prefix",
    }));
}

const BY_BRAND = MATCH_KINDS.indexOf("brand");
const BY_PARENT = MATCH_KINDS.indexOf("parent");

function directRank(
  { keys, gtinPrefixes }: KeyedTarget,
  brandKeys: readonly string[],
  prefixes: readonly string[],
): number | null {
  if (shares(keys.match, brandKeys)) {
    if (shares(keys.company, brandKeys)) return 0;
    return shares(keys.brands, brandKeys) ? BY_BRAND : BY_PARENT;
  }
  return shares(gtinPrefixes, prefixes) ? MATCH_KINDS.indexOf("gtin_prefix") : null;
}
