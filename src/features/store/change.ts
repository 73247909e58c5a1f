import timeZoneAt from "@photostructure/tz-lookup";
import type { Db } from "../../db/client/database.ts";
import { findPosition, type StoreChanges, type StoreRow, updateStore } from "./queries.ts";

/**
 * Changes a store, or gives null when there is none; one that moves gets the time zone of its new place unless one is
 * given. A coordinate that is left out stays as it is.
 * Errors: the database's when a constraint is broken.
 */
export async function changeStore(
  db: Db,
  id: string,
  fields: StoreChanges,
): Promise<StoreRow | null> {
  const { latitude, longitude, timeZone } = fields;
  const moves = latitude !== undefined || longitude !== undefined;
  if (!moves || timeZone !== undefined) return updateStore(db, id, fields);
  if (latitude !== undefined && longitude !== undefined)
    return updateStore(db, id, { ...fields, timeZone: timeZoneAt(latitude, longitude) });
  for (;;) {
    const from = await findPosition(db, id);
    if (from === null) return null;
    const place = timeZoneAt(latitude ?? from.latitude, longitude ?? from.longitude);
    const store = await updateStore(db, id, { ...fields, timeZone: place }, from);
    // Else somebody else has moved it in between, and it is another place.
    if (store !== null) return store;
  }
}
