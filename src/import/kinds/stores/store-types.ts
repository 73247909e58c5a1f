import type { StoreType } from "../../../db/tables/vocabulary.ts";
import { plainText } from "../fields.ts";
import { readHalalClaim } from "./halal-claim.ts";
import { problem, type RecordProblem } from "../../read/records.ts";

const TYPE_BY_AMENITY: Readonly<Record<string, StoreType>> = {
  restaurant: "restaurant",
  fast_food: "restaurant",
  cafe: "restaurant",
  food_court: "restaurant",
  canteen: "restaurant",
  ice_cream: "restaurant",
  marketplace: "other",
  slaughterhouse: "abattoir",
};

const TYPE_BY_SHOP: Readonly<Record<string, StoreType>> = {
  butcher: "butcher",
  supermarket: "supermarket",
  convenience: "supermarket",
  grocery: "supermarket",
  greengrocer: "supermarket",
  deli: "supermarket",
  general: "supermarket",
  department_store: "supermarket",
  bakery: "bakery",
  pastry: "bakery",
  confectionery: "bakery",
  wholesale: "wholesaler",
  cash_and_carry: "wholesaler",
  food: "other",
  frozen_food: "other",
  seafood: "other",
  spices: "other",
  dairy: "other",
  cheese: "other",
  chocolate: "other",
  tea: "other",
  coffee: "other",
  farm: "other",
  nuts: "other",
  health_food: "other",
};

/** The words of a tag's value. */
function wordsOf(tags: Readonly<Record<string, unknown>>, name: string): string[] {
  return (plainText(tags[name]) ?? "")
    .toLowerCase()
    .split(";")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

/** The type that a place's own keys give it, whatever else is said of its food. */
function ownType(tags: Readonly<Record<string, unknown>>): StoreType | undefined {
  const shops = wordsOf(tags, "shop");
  if (plainText(tags["wholesale"]) !== null && shops.length > 0) return "wholesaler";
  for (const amenity of wordsOf(tags, "amenity")) {
    const type = Object.hasOwn(TYPE_BY_AMENITY, amenity) ? TYPE_BY_AMENITY[amenity] : undefined;
    if (type !== undefined) return type;
  }
  for (const shop of shops) {
    const type = Object.hasOwn(TYPE_BY_SHOP, shop) ? TYPE_BY_SHOP[shop] : undefined;
    if (type !== undefined) return type;
  }
  if (wordsOf(tags, "industrial").includes("slaughterhouse")) return "abattoir";
  const crafts = wordsOf(tags, "craft");
  if (crafts.includes("butcher")) return "butcher";
  return crafts.includes("bakery") || crafts.includes("confectionery") ? "bakery" : undefined;
}

/** Whether a place's own keys make it one that sells food today. */
export function isFoodPlace(tags: Readonly<Record<string, unknown>>): boolean {
  return ownType(tags) !== undefined;
}

/**
 * Tells a store's type from OSM tags, or says why the place is none.
 * Source: OSM wiki, Key:amenity, Key:shop, Key:cuisine, Key:craft, Key:industrial.
 */
export function storeTypeOf(tags: Readonly<Record<string, unknown>>): StoreType | RecordProblem {
  const own = ownType(tags);
  if (own !== undefined) return own;
  const isCaterer = wordsOf(tags, "craft").includes("caterer");
  if (wordsOf(tags, "cuisine").length > 0 || isCaterer) return "restaurant";
  // A place that speaks of halal food sells some, whatever else it is.
  const claim = readHalalClaim(tags);
  if (claim !== null && claim !== "no") return "other";
  const tagged = [
    ...wordsOf(tags, "amenity").map((value) => `amenity=${value}`),
    ...wordsOf(tags, "shop").map((value) => `shop=${value}`),
  ].join(", ");
  return problem(
    "not_food",
    `not a place that sells food${tagged === "" ? "" : ` (${tagged.slice(0, 80)})`}`,
  );
}
