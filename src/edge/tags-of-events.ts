import type { JournalLine } from "../db/held-journal.ts";
import { ALL_STORES_TAG, storeTags } from "../geo/edge-tags.ts";

/** The topics of which an edge keeps answers. */
export const PURGED_TOPICS = [
  "store",
  "certifier",
  "boycott",
  "additive",
  "source",
  "app_config",
  "flush",
] as const;

/** The tags of a flushed cache; those of others are not at the edge. */
const FLUSHED: Readonly<Record<string, readonly string[]>> = {
  stores: [ALL_STORES_TAG],
  certifiers: ["certifiers"],
  boycott: ["boycotts"],
  "additive-list": ["additives"],
  "app-config": ["app-config"],
};

/** The tags of the answers that an event may change. */
export function tagsOf({ topic, ref, latitude, longitude }: JournalLine): readonly string[] {
  switch (topic) {
    case "store":
      return latitude === null || longitude === null
        ? [ALL_STORES_TAG]
        : storeTags({ latitude, longitude });
    case "certifier":
      // Lists of stores show its name.
      return ["certifiers", ALL_STORES_TAG];
    case "boycott":
      return ["boycotts"];
    case "additive":
    case "source":
      return ["additives"];
    case "app_config":
      return ["app-config"];
    case "flush":
      return FLUSHED[ref ?? ""] ?? [];
    default:
      return [];
  }
}
