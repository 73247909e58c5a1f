const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$/y;
const WORD = /[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*/y;

/** The end of a quoted text that starts at `start`; a doubled quote stays inside. */
function endOfQuoted(text: string, start: number, quote: string, backslashes: boolean): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (backslashes && text[at] === "\\") at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  throw new SyntaxError(`a ${quote} is not closed`);
}

/** The end of a block comment; PostgreSQL's nest. */
function endOfBlockComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (two === "/*") depth += 1;
    else if (two === "*/") depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  throw new SyntaxError("a /* is not closed");
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * Splits an SQL script into its statements, without comments and closing semicolons.
 * Knows strings, quoted names, dollar quotes, nested comments and BEGIN ATOMIC bodies.
 * Errors: SyntaxError when a quote, comment or dollar quote is not closed.
 */
export function splitSqlStatements(script: string): string[] {
  const statements: string[] = [];
  let current = "";
  let previousWord = "";
  let atomicDepth = 0;
  const endStatement = () => {
    const statement = current.trim();
    if (statement !== "") statements.push(statement);
    current = "";
    previousWord = "";
    atomicDepth = 0;
  };

  for (let at = 0; at < script.length;) {
    const character = script.charAt(at);
    let end = at + 1;
    if (script.startsWith("--", at)) {
      const newline = script.indexOf("\n", at);
      at = newline < 0 ? script.length : newline;
      continue;
    }
    if (script.startsWith("/*", at)) {
      at = endOfBlockComment(script, at);
      current += " ";
      continue;
    }
    const word = matchAt(WORD, script, at);
    if (character === ";" && atomicDepth === 0) {
      endStatement();
      at = end;
      continue;
    }
    if (character === "'") {
      end = endOfQuoted(script, at, "'", false);
    } else if (character === '"') {
      end = endOfQuoted(script, at, '"', false);
    } else if (word !== undefined) {
      end = at + word.length;
      const lower = word.toLowerCase();
      if (lower === "e" && script[end] === "'") end = endOfQuoted(script, end, "'", true);
      else if (lower === "atomic" && previousWord === "begin") atomicDepth = 1;
      else if (lower === "case" && atomicDepth > 0) atomicDepth += 1;
      else if (lower === "end" && atomicDepth > 0) atomicDepth -= 1;
      previousWord = lower;
    } else if (character === "$") {
      const tag = matchAt(DOLLAR_TAG, script, at);
      if (tag !== undefined) {
        const close = script.indexOf(tag, at + tag.length);
        if (close < 0) throw new SyntaxError(`a ${tag} is not closed`);
        end = close + tag.length;
      }
    } else if (/\d/.test(character)) {
      // A number with its digits, so that the $1 of 1$1 opens nothing.
      while (end < script.length && /[\w$]/.test(script.charAt(end))) end += 1;
    }
    current += script.slice(at, end);
    at = end;
  }
  endStatement();
  return statements;
}

const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*)`;
const CONCURRENT_INDEX = new RegExp(
  String.raw`^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(${NAME})\s+on\s+(?:only\s+)?(${NAME}(?:\s*\.\s*${NAME})?)`,
  "i",
);

function unquoteName(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}

/** The index a CREATE INDEX CONCURRENTLY builds (its plain name) and its table (as written), or null. */
export function parseConcurrentIndex(statement: string): { index: string; table: string } | null {
  const match = CONCURRENT_INDEX.exec(statement);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { index: unquoteName(match[1]), table: match[2].replaceAll(/\s*\.\s*/g, ".") };
}
