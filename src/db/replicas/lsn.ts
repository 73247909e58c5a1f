const WAL_PAGE_BYTES = 8192;
const WAL_LONGEST_PAGE_HEADER_BYTES = 40;

/**
 * Where the last record before an insert position ends. At a page's start the primary's position is past the page's
 * header, which a standby passes only with the next record; and no record can end within a header.
 * Units: bytes from the beginning of the log.
 * Source: PostgreSQL `xlog_internal.h`, XLogLongPageHeaderData.
 */
export function endOfLastRecord(insertLsn: number): number {
  const offset = insertLsn % WAL_PAGE_BYTES;
  return offset <= WAL_LONGEST_PAGE_HEADER_BYTES ? insertLsn - offset : insertLsn;
}
