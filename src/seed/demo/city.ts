import type { CountryCode } from "./countries.ts";

/** Where people shop: a quarter's name and its middle. Units: WGS 84 decimal degrees. */
export type Neighbourhood = readonly [name: string, latitude: number, longitude: number];

/** A real city that gets demo stores. */
export interface City {
  /** Prefix of its stores' source keys: never changed, for ids are made from it. */
  readonly key: string;
  readonly name: string;
  readonly country: CountryCode;
  /** IANA name. */
  readonly timeZone: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly storeCount: number;
  /** How far the bulk of the shops lies from the centre. */
  readonly spreadKm: number;
  /** Pattern: `#` a digit, `+` a digit but 0, `@` a letter; null where there are none. */
  readonly postalCode: string | null;
  /** Pattern as for postal codes; a range kept for fiction, or one that nobody is assigned. */
  readonly phone: string;
  readonly neighbourhoods: readonly Neighbourhood[];
}

type Place = readonly [name: string, country: CountryCode, timeZone: string];
type Centre = readonly [latitude: number, longitude: number];
type Size = readonly [storeCount: number, spreadKm: number];
type Patterns = readonly [postalCode: string | null, phone: string];

/** Makes a city from its groups of facts. */
export function city(
  key: string,
  [name, country, timeZone]: Place,
  [latitude, longitude]: Centre,
  [storeCount, spreadKm]: Size,
  [postalCode, phone]: Patterns,
  neighbourhoods: readonly Neighbourhood[],
): City {
  return {
    key,
    name,
    country,
    timeZone,
    latitude,
    longitude,
    storeCount,
    spreadKm,
    postalCode,
    phone,
    neighbourhoods,
  };
}
