import { type Finding, warn } from "./finding.ts";

const QUESTION_MS = 10_000;

/** Returns the findings of a question, or a finding with the reason when the question fails or times out. */
export async function attempt(
  check: string,
  question: () => Promise<Finding | readonly Finding[]>,
  unanswered: typeof warn = warn,
): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), QUESTION_MS);
  });
  try {
    return [await Promise.race([question(), timeout])].flat();
  } catch (error) {
    return [
      unanswered(
        check,
        `cannot be asked: ${reasonOf(error)}`,
        "look at the connection and the role's rights",
      ),
    ];
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the reason of an error in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The message of drizzle's error is the statement; the reason is its cause.
  if (error.cause instanceof Error && "query" in error) return reasonOf(error.cause);
  // An error for a name whose addresses all refuse the connection has no message, only a code.
  const code = "code" in error ? String(error.code) : error.name;
  return error.message === "" ? code : error.message.split("\n", 1).join("");
}
