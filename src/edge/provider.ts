import type { Config } from "../config.ts";

/** The configuration of a provider. */
export type ProviderOptions = NonNullable<Config["edgePurge"]>;

/** An edge that keeps answers under tags, and drops them when it is told to. */
export interface EdgeProvider {
  readonly name: string;
  /** Tags that one request may name. */
  readonly tagsMax: number;
  /** Requests that it accepts: so many at once, and so many more a minute; null without a limit that we could reach. */
  readonly rate: PurgeRate | null;
  /** Drops everything under some tags, at most `tagsMax`. Errors: PurgeError; those of `fetch`. */
  purge(tags: readonly string[]): Promise<void>;
  /** Drops everything. Errors: PurgeError; those of `fetch`. */
  purgeEverything(): Promise<void>;
}

/** A bucket of requests that fills again. */
export interface PurgeRate {
  readonly burst: number;
  readonly perMinute: number;
}
