/** Every cache there is, as metrics and `npm run cache:flush` call it. */
export const CACHE_NAMES = [
  "stores",
  "store",
  "certifiers",
  "boycott",
  "product",
  "additives",
  "rulings",
] as const;
export type CacheName = (typeof CACHE_NAMES)[number];
