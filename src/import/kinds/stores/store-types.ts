import type { StoreType } from "../../../db/tables/vocabulary.ts";
import { plainText } from "../fields.ts";
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

/**
 * Tells a store's type from OSM tags, or says why the place is none.
 * Source: OSM wiki, Key:amenity, Key:shop, Key:cuisine, Key:craft, Key:industrial.
 */
export function storeTypeOf(tags: Readonly<Record<string, unknown>>): StoreType | RecordProblem {
  const values = (name: string) =>
    (plainText(tags[name]) ?? "")
      .toLowerCase()
      .split(";")
      .map((value) => value.trim())
      .filter((value) => value !== "");
  const amenities = values("amenity");
  const shops = values("shop");
  if (plainText(tags["wholesale"]) !== null && shops.length > 0) return "wholesaler";
  for (const amenity of amenities) {
    const type = Object.hasOwn(TYPE_BY_AMENITY, amenity) ? TYPE_BY_AMENITY[amenity] : undefined;
    if (type !== undefined) return type;
  }
  for (const shop of shops) {
    const type = Object.hasOwn(TYPE_BY_SHOP, shop) ? TYPE_BY_SHOP[shop] : undefined;
    if (type !== undefined) return type;
  }
  if (values("industrial").includes("slaughterhouse")) return "abattoir";
  const crafts = values("craft");
  if (crafts.includes("butcher")) return "butcher";
  if (crafts.includes("bakery") || crafts.includes("confectionery")) return "bakery";
  if (values("cuisine").length > 0 || crafts.includes("caterer")) return "restaurant";
  // A place that speaks of halal food sells some, whatever else it is.
  if (values("diet:halal").some((value) => value !== "no")) return "other";
  const tagged = [
    ...amenities.map((value) => `amenity=${value}`),
    ...shops.map((value) => `shop=${value}`),
  ].join(", ");
  return problem(
    "not_food",
    `not a place that sells food${tagged === "" ? "" : ` (${tagged.slice(0, 80)})`}`,
  );
}
