import type { Cache, CacheState } from "../cache/cache.ts";
import type { Db } from "../db/database.ts";
import type { Logger } from "pino";

/** The caller, as the token says. */
export interface User {
  /** `sub` of the token. */
  readonly id: string;
  readonly isAdmin: boolean;
}

/** All that a procedure may use; made anew for each request. */
export interface Context {
  readonly requestId: string;
  readonly user: User | null;
  readonly db: Db;
  readonly cache: Cache;
  readonly logger: Logger;
  readonly now: () => Date;
  /** How each cached answer of this request was come by, in the order they were ready. */
  readonly cacheStates: CacheState[];
}
