import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseConcurrentIndex,
  splitSqlStatements,
} from "../../../../src/db/migrations/sql-statements.ts";

test("splits at semicolons outside of quotes and comments", () => {
  expect(
    splitSqlStatements(`
      -- first; not here
      SELECT 'a;''b', "c;""d" /* e; /* f; */ g; */ FROM t;
      SELECT $$ h; $$, $tag$ i; $$ j; $tag$;
      SELECT E'k\\';l', 'm\\'; SELECT a$b$c;
      ;;
      SELECT $1, 5 -- the last one has no semicolon`),
  ).toEqual([
    `SELECT 'a;''b', "c;""d"   FROM t`,
    "SELECT $$ h; $$, $tag$ i; $$ j; $tag$",
    String.raw`SELECT E'k\';l', 'm\'`,
    "SELECT a$b$c",
    "SELECT $1, 5",
  ]);
});

test("keeps a BEGIN ATOMIC body whole", () => {
  const body =
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
  expect(splitSqlStatements(`${body}; SELECT 3;`)).toEqual([body, "SELECT 3"]);
  expect(splitSqlStatements("BEGIN; SELECT 1; END;")).toEqual(["BEGIN", "SELECT 1", "END"]);
});

test.each(["SELECT 'a", 'SELECT "a', "SELECT $x$ a $y$", "/* a /* b */", String.raw`SELECT E'a\'`])(
  "refuses what is not closed: %s",
  (script) => {
    expect(() => splitSqlStatements(script)).toThrow(SyntaxError);
  },
);

test("finds again the statements that were joined", () => {
  const piece = fc.oneof(
    fc.constantFrom("SELECT", "x", "1", "E", "begin", "end", "case"),
    fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
    fc.string().map((text) => ` "${text.replaceAll('"', '""')}"`),
    fc
      .string()
      .filter((text) => !text.includes("$"))
      .map((text) => ` $q$${text}$q$`),
  );
  // A word first, so that no statement is empty; a space between, so that E and a string stay apart.
  const statement = fc
    .array(piece, { maxLength: 6 })
    .map((pieces) => ["SELECT", ...pieces].join(" "));
  fc.assert(
    fc.property(fc.array(statement), (statements) => {
      expect(splitSqlStatements(statements.map((text) => `${text};`).join("\n--;'\n"))).toEqual(
        statements,
      );
    }),
  );
});

test.each([
  ["CREATE INDEX CONCURRENTLY a_idx ON t (a)", { index: "a_idx", table: "t" }],
  [
    "create unique index concurrently if not exists A_Idx on only s . t using btree (a)",
    { index: "a_idx", table: "s.t" },
  ],
  ['CREATE INDEX CONCURRENTLY "A ""x""" ON "S"."T" (a)', { index: 'A "x"', table: '"S"."T"' }],
  ["CREATE INDEX a_idx ON t (a)", null],
  ["DROP INDEX CONCURRENTLY a_idx", null],
])("knows a concurrent index: %s", (statement, expected) => {
  expect(parseConcurrentIndex(statement)).toEqual(expected);
});
