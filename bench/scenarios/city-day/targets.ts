/** 50,000 users, ten calls a minute each. Units: calls a second. */
export const TARGET_RATE = 8_333;
/** Of `store.nearby`, at the 95th percentile. Units: milliseconds. */
export const P95_MAX_MS = 100;
/** Of the calls that have a cache. */
export const HIT_RATE_MIN = 0.8;
/** To PostgreSQL, from PgBouncer. */
export const CONNECTIONS_MAX = 25;
/** Of one replica. Units: megabytes. */
export const REPLICA_MEGABYTES_MAX = 256;
/** More errors than this, and a rate does not count as kept up with. */
export const ERRORS_MAX_SHARE = 0.01;
