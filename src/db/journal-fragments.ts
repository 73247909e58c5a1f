import { sql } from "drizzle-orm";

/** More lines than this are taken for "everything". */
export const LINES_MAX = 1_000;
/** The journal is kept for three hours; half of that leaves room for clocks and slow trims. Units: seconds. */
export const SEEN_MAX_SECONDS = 90 * 60;
/** A place is written so often though nothing came, so that it does not grow too old. Units: seconds. */
export const NOTED_EVERY_SECONDS = 10 * 60;

/** Which database this is, and which of its timelines: another one's transaction numbers mean nothing here. */
export const databaseIdSql = sql`((select system_identifier::text from pg_control_system())
  || '/' || (select oid::text from pg_database where datname = current_database())
  || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))`;
