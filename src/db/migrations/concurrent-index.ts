const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*)`;
const CONCURRENT_INDEX = new RegExp(
  String.raw`^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(${NAME})\s+on\s+(?:only\s+)?(${NAME}(?:\s*\.\s*${NAME})?)`,
  "i",
);

function unquoteName(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}

/** A CREATE INDEX CONCURRENTLY: the unquoted index name, the table as written, and what follows the table. */
export interface ConcurrentIndex {
  readonly index: string;
  readonly table: string;
  readonly isUnique: boolean;
  readonly rest: string;
}

/** Reads a CREATE INDEX CONCURRENTLY; null for another statement. */
export function parseConcurrentIndex(statement: string): ConcurrentIndex | null {
  const match = CONCURRENT_INDEX.exec(statement);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return {
    index: unquoteName(match[1]),
    table: match[2].replaceAll(/\s*\.\s*/g, "."),
    isUnique: /^create\s+unique/i.test(statement),
    rest: statement.slice(match[0].length),
  };
}
