/** The package's public names; inside it, files import each other. */
export { createHalalClient, type HalalClient, type HalalClientOptions } from "./client.ts";
export type { AppRouter, RouterInputs, RouterOutputs } from "./app-router.ts";
export type { NearbyStore, StoreMarker } from "./cells/cell-entry.ts";
export type { StoresAnswer } from "./cells/nearby.ts";
export { errorFactsOf, type ErrorFacts, errorReasonOf, HalalClientError } from "./errors.ts";
export type { FetchedResponse, FetchLike } from "./fetch.ts";
export type { Additive, BoycottTarget, Certifier, ListAnswer } from "./lists/lists.ts";
export type { FavoriteItem } from "./queue/favorites-lane.ts";
export type { ChangeEvent } from "./queue/lane-sender.ts";
export type { AdditiveReading, ProductReading, ReadOptions, Source } from "./readings.ts";
export type { StoreReading } from "./pages.ts";
export type { ScanAnswer, ScanInput } from "./scans.ts";
export { memoryStorage } from "./storage/memory.ts";
export { sqliteStorage, type SqliteConnection, type SqliteValue } from "./storage/sqlite.ts";
export type * from "./storage/storage.ts";
export type { GetToken } from "./token.ts";
export { ERROR_REASONS, type ErrorReason } from "../../../src/error-reasons.ts";
export {
  ADDITIVE_ORIGINS,
  ALERT_SEVERITIES,
  ALLERGENS,
  BOYCOTT_LEVELS,
  DIET_ANSWERS,
  FAVORITE_KINDS,
  HALAL_CLAIMS,
  HALAL_STATUSES,
  MADHABS,
  PUSH_KINDS,
  PUSH_PLATFORMS,
  REPORT_KINDS,
  REPORT_STATES,
  STORE_TYPES,
  VERDICT_BASES,
} from "../../../src/db/tables/vocabulary.ts";
