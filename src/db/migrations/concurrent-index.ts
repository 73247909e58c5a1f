const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*)`;
const CONCURRENT_INDEX = new RegExp(
  String.raw`^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(${NAME})\s+on\s+(?:only\s+)?(${NAME}(?:\s*\.\s*${NAME})?)`,
  "i",
);

function unquoteName(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}

/** Returns the unquoted index name and the table (as written) of a CREATE INDEX CONCURRENTLY, or null. */
export function parseConcurrentIndex(statement: string): { index: string; table: string } | null {
  const match = CONCURRENT_INDEX.exec(statement);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { index: unquoteName(match[1]), table: match[2].replaceAll(/\s*\.\s*/g, ".") };
}
