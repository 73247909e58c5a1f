import { type Finding, warn } from "./finding.ts";

const QUESTION_MS = 10_000;

/** What a question brings; a finding that says why when it cannot be asked, or not in time. */
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

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // drizzle's own message is the statement.
  if (error.cause instanceof Error && "query" in error) return reasonOf(error.cause);
  // A connection refused at every address of a name has an empty message, but a code.
  const code = "code" in error ? String(error.code) : error.name;
  return error.message === "" ? code : error.message.split("\n", 1).join("");
}
