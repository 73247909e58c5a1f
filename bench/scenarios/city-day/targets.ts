/** The rate of 50,000 users with ten calls a minute each. Units: calls a second. */
export const TARGET_RATE = 8_333;
/** The 95th percentile of `store.nearby` must be below this. Units: milliseconds. */
export const P95_MAX_MS = 100;
/** The least hit rate of cacheable calls. */
export const HIT_RATE_MIN = 0.8;
/** The most connections of PgBouncer to PostgreSQL. */
export const CONNECTIONS_MAX = 25;
/** The most memory of one instance. Units: megabytes. */
export const INSTANCE_MEGABYTES_MAX = 256;
/** A rate with a larger share of errors counts as failed. */
export const ERRORS_MAX_SHARE = 0.01;
