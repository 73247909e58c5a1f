import { sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { constraintViolation } from "../../db/client/errors.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import { appConfig } from "../../db/tables/app-config.ts";
import { inputError } from "../../errors.ts";
import { text } from "../../texts/text.ts";
import type { AppConfig, PlatformChange, UpdateAppConfigInput } from "./schemas.ts";

const configJson = sql<AppConfig>`json_build_object(
  'platforms', json_build_object(
    'ios', json_build_object(
      'minimumVersion', ios_minimum_version, 'latestVersion', ios_latest_version, 'storeUrl', ios_store_url),
    'android', json_build_object(
      'minimumVersion', android_minimum_version, 'latestVersion', android_latest_version, 'storeUrl', android_store_url)),
  'maintenance', case when maintenance_message is not null then json_build_object(
    'until', ${isoInstant(sql`maintenance_until`)}, 'message', maintenance_message) end)`;

/** Reads the one row of the configuration. */
export async function readAppConfig(db: Db): Promise<Loaded<AppConfig>> {
  const [row] = await db.execute<{ snapshot: string; config: AppConfig }>(
    sql`select pg_current_snapshot()::text as "snapshot", ${configJson} as "config" from app_config`,
  );
  if (row === undefined) throw new Error("the app's configuration has no row");
  return { value: row.config, snapshot: row.snapshot };
}

/** The database compares, because a change may leave one of the two versions as it is. */
const ORDER_OF = { app_config_ios_order: "ios", app_config_android_order: "android" } as const;

/**
 * Changes the configuration; what is undefined keeps its value.
 * Errors: BAD_REQUEST when a platform's latest version would be older than its minimum version.
 */
export async function updateAppConfig(db: Db, change: UpdateAppConfigInput): Promise<AppConfig> {
  const { platforms, maintenance } = change;
  const ios: PlatformChange = platforms?.ios ?? {};
  const android: PlatformChange = platforms?.android ?? {};
  try {
    const [row] = await db
      .update(appConfig)
      .set({
        id: "app",
        iosMinimumVersion: ios.minimumVersion,
        iosLatestVersion: ios.latestVersion,
        iosStoreUrl: ios.storeUrl,
        androidMinimumVersion: android.minimumVersion,
        androidLatestVersion: android.latestVersion,
        androidStoreUrl: android.storeUrl,
        ...(maintenance === undefined ? {} : columnsOf(maintenance)),
      })
      .returning({ config: configJson });
    if (row === undefined) throw new Error("the app's configuration has no row");
    return row.config;
  } catch (error) {
    const name = constraintViolation(error)?.constraint;
    if (name !== "app_config_ios_order" && name !== "app_config_android_order") throw error;
    throw inputError(`platforms.${ORDER_OF[name]}.latestVersion`, text("version_order"), {
      cause: error,
    });
  }
}

function columnsOf(maintenance: NonNullable<UpdateAppConfigInput["maintenance"]> | null) {
  if (maintenance === null) return { maintenanceMessage: null, maintenanceUntil: null };
  const { message, until } = maintenance;
  return {
    maintenanceMessage: message,
    maintenanceUntil: typeof until === "string" ? new Date(until) : null,
  };
}
