/** The parts of an error that may be logged. */
export interface ErrorSummary {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly constraint?: string;
  /** The lines of the stack without the message above them. */
  readonly stack?: string;
  readonly cause?: ErrorSummary;
}

const CAUSES_MAX = 4;
const MESSAGE_MAX = 300;
const FRAMES_MAX = 20;

/** Patterns of text that must not be logged, with their replacements. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, "[token]"],
  [/\bBearer\s+\S+/gi, "[token]"],
  [/\bExpo(?:nent)?PushToken\[[^\]]*\]/g, "[token]"],
  [/\/\/\S*@/g, "//[credentials]@"],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, "[id]"],
  // Coordinates are decimals, and few other decimals appear in messages.
  [/-?\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+\b)/gi, "[decimal]"],
  // PostgreSQL quotes rejected values after a colon, and names before it.
  [/: "(?:[^"]|"")*"/g, ': "[value]"'],
];

/** Removes tokens, credentials, ids and coordinates from a text. */
export function redacted(text: string): string {
  let safe = text.slice(0, MESSAGE_MAX);
  for (const [pattern, replacement] of SECRETS) safe = safe.replace(pattern, replacement);
  return safe;
}

/**
 * Summarises an error and its causes without input of callers. A failed query's message contains its parameters, and
 * a stack repeats the message.
 */
export function summarizeError(error: unknown, depth = 0): ErrorSummary {
  if (!(error instanceof Error)) return { type: typeof error, message: "not an error was thrown" };
  const code = "code" in error ? error.code : undefined;
  const constraint = "constraint_name" in error ? error.constraint_name : undefined;
  const isQuery = "query" in error && "params" in error;
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at .+:\d+:\d+\)?$/.test(line))
    .slice(0, FRAMES_MAX);
  return {
    type: isQuery ? "DrizzleQueryError" : error.name,
    message: isQuery ? "a query failed" : redacted(error.message),
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    ...(typeof constraint === "string" ? { constraint } : {}),
    ...(frames.length > 0 ? { stack: frames.join("\n") } : {}),
    ...(error.cause !== undefined && depth < CAUSES_MAX
      ? { cause: summarizeError(error.cause, depth + 1) }
      : {}),
  };
}
