import type { StoreType } from "../../db/tables/vocabulary.ts";
import { COUNTRIES, type CountryCode } from "./countries.ts";
import type { Random } from "./random.ts";

type Weighted = readonly (readonly [hours: string | null, weight: number])[];

const SHOP: Weighted = [
  ["Mo-Sa 09:00-20:00", 3],
  ["Mo-Sa 08:30-19:30; Su 09:00-13:00", 2],
  ["Tu-Su 08:00-19:00; Mo off", 2],
  ["Mo-Su 08:00-22:00", 2],
  ["Mo-Fr 10:00-18:00; Sa 10:00-16:00; Su off", 1],
  [null, 2],
];

const SHOP_WITH_FRIDAY_BREAK: Weighted = [
  ["Sa-Th 09:00-22:00; Fr 09:00-11:30,14:00-22:00", 4],
  ["Mo-Th,Sa,Su 08:00-23:00; Fr 14:00-23:00", 3],
  ["Sa-Th 08:00-13:00,16:00-21:00; Fr off", 2],
  ["24/7", 1],
  [null, 2],
];

const KITCHEN: Weighted = [
  ["Mo-Su 11:00-22:00", 3],
  ["Tu-Su 11:30-14:30,18:00-22:30; Mo off", 3],
  ["Su-Th 12:00-23:00; Fr,Sa 12:00-01:00", 3],
  ["Mo-Fr 11:30-21:00; Sa,Su 13:00-23:00", 2],
  ["Nov-Mar: Mo-Su 12:00-21:00; Apr-Oct: Mo-Su 12:00-23:00", 1],
  ["Mo-Sa 18:00-02:00", 1],
  [null, 2],
];

const KITCHEN_WITH_FRIDAY_BREAK: Weighted = [
  ["Sa-Th 11:00-23:30; Fr 13:30-23:30", 3],
  ["Mo-Su 10:00-23:00; Fr 10:00-12:00,14:00-23:00", 3],
  [null, 1],
];

const LATE_KITCHEN: Weighted = [
  ["Mo-Su 12:00-02:00", 3],
  ["Mo-Th,Su 11:00-01:00, Fr 14:00-03:00, Sa 11:00-03:00", 3],
  ["24/7", 1],
  [null, 1],
];

const BAKERY: Weighted = [
  ["Mo-Sa 06:30-19:00", 3],
  ["Tu-Su 06:00-13:00,15:30-19:30", 2],
  ["Mo-Su 05:30-21:00", 2],
  [null, 1],
];

const DEPOT: Weighted = [
  ["Mo-Fr 05:00-14:00", 3],
  ["Mo-Sa 04:00-12:00", 2],
  ['Mo-Fr 08:00-16:00 "by appointment"', 1],
  [null, 2],
];

const ONLINE: Weighted = [
  ["24/7", 5],
  ["Mo-Fr 09:00-17:00", 2],
  [null, 2],
];

const USUAL: Readonly<Record<StoreType, Weighted>> = {
  supermarket: SHOP,
  butcher: SHOP,
  restaurant: KITCHEN,
  bakery: BAKERY,
  abattoir: DEPOT,
  wholesaler: DEPOT,
  online: ONLINE,
  other: SHOP,
};

const WITH_FRIDAY_BREAK: Readonly<Record<StoreType, Weighted>> = {
  ...USUAL,
  supermarket: SHOP_WITH_FRIDAY_BREAK,
  butcher: SHOP_WITH_FRIDAY_BREAK,
  restaurant: KITCHEN_WITH_FRIDAY_BREAK,
  other: SHOP_WITH_FRIDAY_BREAK,
};

/**
 * Plausible opening hours of a demo store, or null where nobody has noted them.
 * Units: the store's own local time.
 * Source: syntax of the OSM `opening_hours` specification.
 */
export function openingHours(
  random: Random,
  storeType: StoreType,
  country: CountryCode,
): string | null {
  return random.weighted(hoursFor(random, storeType, country));
}

function hoursFor(random: Random, storeType: StoreType, country: CountryCode): Weighted {
  const { fridayBreak, lateNights } = COUNTRIES[country];
  if (storeType === "restaurant" && lateNights && random.chance(0.5)) return LATE_KITCHEN;
  return (fridayBreak ? WITH_FRIDAY_BREAK : USUAL)[storeType];
}
