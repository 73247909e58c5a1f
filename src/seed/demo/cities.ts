import { EASTERN_CITIES } from "./cities-east.ts";
import { WESTERN_CITIES } from "./cities-west.ts";
import type { City } from "./city.ts";

/** The cities of the demo data. */
export const CITIES: readonly City[] = [...WESTERN_CITIES, ...EASTERN_CITIES];
