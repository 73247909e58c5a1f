import { expect, test } from "vitest";
import { endOfLastRecord } from "../../../../src/db/replicas/lsn.ts";

test.each([
  ["within a page", 8192 * 5 + 4_000, 8192 * 5 + 4_000],
  ["the first record of a page", 8192 * 5 + 48, 8192 * 5 + 48],
  ["past a page's header", 8192 * 5 + 24, 8192 * 5],
  ["past a segment's header", 16 * 1024 * 1024 * 3 + 40, 16 * 1024 * 1024 * 3],
  ["at a page's very start", 8192 * 7, 8192 * 7],
])("where the last record ends: %s", (_where, insertLsn, end) => {
  expect(endOfLastRecord(insertLsn)).toBe(end);
});
