import { expect, test } from "vitest";
import { parseConcurrentIndex } from "../../../../src/db/migrations/concurrent-index.ts";

test.each([
  [
    "CREATE INDEX CONCURRENTLY a_idx ON t (a) WHERE b",
    { index: "a_idx", table: "t", isUnique: false, rest: " (a) WHERE b" },
  ],
  [
    "create unique index concurrently if not exists A_Idx on only s . t using btree (a)",
    { index: "a_idx", table: "s.t", isUnique: true, rest: " using btree (a)" },
  ],
  [
    'CREATE INDEX CONCURRENTLY "A ""x""" ON "S"."T" (a)',
    { index: 'A "x"', table: '"S"."T"', isUnique: false, rest: " (a)" },
  ],
  ["CREATE INDEX a_idx ON t (a)", null],
  ["DROP INDEX CONCURRENTLY a_idx", null],
])("knows a concurrent index: %s", (statement, expected) => {
  expect(parseConcurrentIndex(statement)).toEqual(expected);
});
