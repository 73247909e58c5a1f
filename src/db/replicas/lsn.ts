const WAL_PAGE_BYTES = 8192;
const WAL_LONGEST_PAGE_HEADER_BYTES = 40;

/**
 * Returns the end of the last record before an insert position. At the start of a page the primary's position is after
 * the page's header, which a standby skips only with the next record; no record ends within a header.
 * Units: bytes from the beginning of the log.
 * Source: PostgreSQL `xlog_internal.h`, XLogLongPageHeaderData.
 */
export function endOfLastRecord(insertLsn: number): number {
  const offset = insertLsn % WAL_PAGE_BYTES;
  return offset <= WAL_LONGEST_PAGE_HEADER_BYTES ? insertLsn - offset : insertLsn;
}
