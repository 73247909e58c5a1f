import type { CachedQuery } from "../../cache/policy.ts";
import { readAppConfig } from "./queries.ts";
import type { AppConfig } from "./schemas.ts";

/** The one entry of `appConfig.get` and `/app-config`. */
export const appConfigPolicy: CachedQuery<null, AppConfig> = {
  name: "app-config",
  shape: "app-config-1",
  key: () => "app-config",
  isAffected: (event) => event.topic === "app_config",
  query: readAppConfig,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as AppConfig,
};
