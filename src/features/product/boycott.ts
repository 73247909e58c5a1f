import type { ProductBoycott } from "../../trpc/verdict.ts";
import type { FoundTarget } from "../../verdict/barcode-query.ts";

const SUREST_FIRST = ["company", "brand", "parent", "gtin_prefix"] as const;

/** Sums up the boycott targets of a product: a barcode's prefix alone is a hint. */
export function boycottOf(found: readonly FoundTarget[]): ProductBoycott {
  const place = ({ matchedBy }: FoundTarget) => SUREST_FIRST.indexOf(matchedBy);
  const targets = found
    .toSorted((a, b) => place(a) - place(b))
    .map(({ id, companyName, level, sourceUrl, matchedBy }) => ({
      id,
      companyName,
      level,
      sourceUrl: sourceUrl ?? null,
      matchedBy,
    }));
  return {
    boycotted: targets.some(({ matchedBy }) => matchedBy !== "gtin_prefix"),
    targets,
    matchedBy: targets[0]?.matchedBy ?? null,
  };
}
