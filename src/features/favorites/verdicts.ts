import { readBarcode } from "../../food/barcode.ts";
import { type Languages, nameIn } from "../../trpc/languages.ts";
import { recallsInForce, sayRecalls } from "../../verdict/recalls.ts";
import type { Rulings } from "../../verdict/rulings.ts";
import { evidenceOf } from "../../verdict/stored-product.ts";
import { decideStatus } from "../../verdict/verdict.ts";
import type { FavoriteRow } from "./queries.ts";
import type { Favorite } from "./schemas.ts";

/**
 * Gives a favourite product the verdict of a scan of it today, no school chosen, and its recalls in force; a store the
 * name in the caller's language.
 */
export function describeFavorite(
  { stored, product, store: named, recalls, ...rest }: FavoriteRow,
  {
    rulings,
    now,
    languages,
  }: {
    readonly rulings: Rulings;
    readonly now: Date;
    readonly languages: Languages;
  },
): Favorite {
  const inLanguage = ({ names, ...store }: NonNullable<FavoriteRow["store"]>) => ({
    ...store,
    name: nameIn(names, languages) ?? store.name,
  });
  const said = sayRecalls(recallsInForce(recalls, now), languages.language);
  const row = { ...rest, store: named && inLanguage(named), recalls: said };
  if (product === null) return { ...row, product };
  const reading = readBarcode(product.barcode);
  const inStore = reading.ok && reading.barcode.inStore;
  const evidence = evidenceOf(stored, rulings, { inStore, boycottTargets: [] });
  const { halalStatus, confidence } = decideStatus(evidence, null);
  return { ...row, product: { ...product, halalStatus, confidenceScore: confidence } };
}
