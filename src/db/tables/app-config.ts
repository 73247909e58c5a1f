import { sql } from "drizzle-orm";
import { check, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { instant, lifecycle } from "./columns.ts";

/** A text in every language of the app. */
export interface AppText {
  readonly en: string;
  readonly fr: string;
  readonly ar: string;
}

/** Three numbers, as both app stores take them. */
const isVersion = (column: unknown) => sql`${column} ~ '^[0-9]{1,6}([.][0-9]{1,6}){2}$'`;
/** Arrays are compared number by number. */
const isNotOlder = (latest: unknown, minimum: unknown) =>
  sql`string_to_array(${latest}, '.')::int[] >= string_to_array(${minimum}, '.')::int[]`;

/** The configuration that every phone reads; one row, which the migration inserts. */
export const appConfig = pgTable(
  "app_config",
  {
    id: text("id").primaryKey().default("app"),
    /** Apps of an older version must be updated. */
    iosMinimumVersion: text("ios_minimum_version"),
    iosLatestVersion: text("ios_latest_version"),
    iosStoreUrl: text("ios_store_url"),
    androidMinimumVersion: text("android_minimum_version"),
    androidLatestVersion: text("android_latest_version"),
    androidStoreUrl: text("android_store_url"),
    /** Null while there is no maintenance. */
    maintenanceMessage: jsonb("maintenance_message").$type<AppText>(),
    /** When the maintenance is expected to end; null when that is not known. */
    maintenanceUntil: instant("maintenance_until"),
    ...lifecycle,
  },
  (t) => [
    check("app_config_one_row", sql`${t.id} = 'app'`),
    check(
      "app_config_versions",
      sql`${isVersion(t.iosMinimumVersion)} and ${isVersion(t.iosLatestVersion)} and ${isVersion(t.androidMinimumVersion)} and ${isVersion(t.androidLatestVersion)}`,
    ),
    check("app_config_ios_order", isNotOlder(t.iosLatestVersion, t.iosMinimumVersion)),
    check("app_config_android_order", isNotOlder(t.androidLatestVersion, t.androidMinimumVersion)),
    check(
      "app_config_links",
      sql`${t.iosStoreUrl} ~ '^https://' and ${t.androidStoreUrl} ~ '^https://'`,
    ),
    check(
      "app_config_maintenance",
      sql`${t.maintenanceUntil} is null or ${t.maintenanceMessage} is not null`,
    ),
  ],
);
