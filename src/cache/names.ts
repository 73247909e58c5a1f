/** The name of every cache, as in metrics and `npm run cache:flush`. */
export const CACHE_NAMES = [
  "stores",
  "store",
  "search",
  "certifiers",
  "boycott",
  "product",
  "additives",
  "additive-list",
  "rulings",
  "alerts",
  "trending",
  "app-config",
] as const;
export type CacheName = (typeof CACHE_NAMES)[number];
