/** An action of phones with its frequency; its requests are those of the app's `httpBatchLink`. */
export interface MixEntry {
  readonly action: Action;
  /** How many of 1,000 requests that are not an app start, by a signed-in phone. */
  readonly signedIn: number;
  /** How many of 1,000 requests that are not an app start, by a phone without an account. */
  readonly anonymous: number;
  readonly does: string;
}

/** The actions of phones: names of procedures, and the batch that opens the app. */
export type Action =
  | "store.nearby"
  | "app start"
  | "store.markers"
  | "store.byId"
  | "additive.byCode"
  | "additive.forCodes"
  | "boycott.check"
  | "store.search"
  | "alerts.list"
  | "alerts.unread"
  | "scans.record"
  | "scans.history"
  | "favorites.list"
  | "favorites.add"
  | "favorites.remove";

/** The actions after an app start; `store.nearby` comes first, because the open loop reports on kind 0. */
export const MIX: readonly MixEntry[] = [
  { action: "store.nearby", signedIn: 410, anonymous: 440, does: "moved on: which shops are near" },
  { action: "app start", signedIn: 0, anonymous: 0, does: "one batch of five calls" },
  { action: "store.markers", signedIn: 260, anonymous: 280, does: "pans or zooms the map" },
  { action: "store.byId", signedIn: 130, anonymous: 140, does: "opens a shop" },
  { action: "additive.byCode", signedIn: 90, anonymous: 100, does: "looks up an E-number" },
  { action: "additive.forCodes", signedIn: 10, anonymous: 10, does: "reads a list of ingredients" },
  { action: "boycott.check", signedIn: 10, anonymous: 15, does: "asks about a barcode" },
  { action: "store.search", signedIn: 10, anonymous: 10, does: "types a shop's name" },
  { action: "alerts.list", signedIn: 5, anonymous: 5, does: "looks at the recalls again" },
  { action: "alerts.unread", signedIn: 10, anonymous: 0, does: "shows the badge" },
  { action: "scans.record", signedIn: 40, anonymous: 0, does: "scans a product" },
  { action: "scans.history", signedIn: 10, anonymous: 0, does: "looks at old scans" },
  { action: "favorites.list", signedIn: 8, anonymous: 0, does: "looks at favourites" },
  { action: "favorites.add", signedIn: 5, anonymous: 0, does: "marks a shop" },
  { action: "favorites.remove", signedIn: 2, anonymous: 0, does: "takes a mark away" },
];

/** The number of calls in the app start's batch. */
export const APP_START_CALLS = 5;
/** The share of phones with an account. */
export const SIGNED_IN_SHARE = 0.5;
/** The average number of requests in a session, after which another phone follows. */
export const SESSION_REQUESTS = 30;
/** Source: the owner's notes, 50,000 users make 500,000 calls a minute. */
export const CALLS_PER_PHONE_MINUTE = 10;
/** The share of phones in a car; the others walk. */
export const DRIVING_SHARE = 0.15;
/** Units: metres a second. */
export const WALKING_SPEED = 1.3;
/** Units: metres a second. */
export const DRIVING_SPEED = 9;
/** The share of searches for one kind of shop. */
export const FILTERED_SHARE = 0.05;
/** The radii of searches, the app's default first. Units: kilometres. */
export const RADII: readonly (readonly [radiusKm: number, weight: number])[] = [
  [5, 90],
  [2, 6],
  [10, 4],
];
/** How far the map is moved from the phone's position, one sigma. Units: metres. */
export const PAN_METERS = 900;

/** The average number of calls in a request. */
export const CALLS_PER_REQUEST = 1 + (APP_START_CALLS - 1) / SESSION_REQUESTS;
