/** Which rule of the tables a statement broke. */
export interface ConstraintViolation {
  readonly kind: "unique" | "foreign_key" | "check" | "not_null";
  /** The constraint's or unique index's name; empty where PostgreSQL names none. */
  readonly constraint: string;
}

/** Source: PostgreSQL documentation, appendix "PostgreSQL Error Codes", class 23. */
const KINDS: ReadonlyMap<unknown, ConstraintViolation["kind"]> = new Map([
  ["23502", "not_null"],
  ["23503", "foreign_key"],
  ["23505", "unique"],
  ["23514", "check"],
]);

/** Source: PostgreSQL documentation, appendix "PostgreSQL Error Codes". */
const GIVEN_UP: ReadonlySet<unknown> = new Set(["40001", "40P01", "55P03", "57014"]);

/** An error and what it was caused by, the outermost first. */
function* causesOf(error: unknown): Generator<Error> {
  for (
    let current: unknown = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth += 1
  )
    yield current;
}

/**
 * Asks a question whose statement walks an index by distance and, when PostGIS gives up walking, once more without:
 * rounding can make it contradict itself where the same point has several longitudes (±180°, the poles), or opposite it.
 * Errors: all others of `ask`.
 * Source: `ExecEvalOrderByExprs` in PostgreSQL's nodeIndexscan.c, "index returned tuples in wrong order".
 */
export async function walkingIndex<T>(ask: (mayWalk: boolean) => Promise<T>): Promise<T> {
  try {
    return await ask(true);
  } catch (error) {
    for (const { message } of causesOf(error))
      if (message.includes("tuples in wrong order")) return ask(false);
    throw error;
  }
}

/**
 * Whether PostgreSQL gave a statement up for another's sake: a lock that did not come, a deadlock, a cancel request that
 * was meant for the statement before. Nothing of its transaction was done. Also where a library wrapped the error.
 */
export function isGivenUp(error: unknown): boolean {
  for (const current of causesOf(error))
    if ("code" in current && GIVEN_UP.has(current.code)) return true;
  return false;
}

/** Reads off an error, or off what it was caused by, which constraint was violated; null when it was something else. */
export function constraintViolation(error: unknown): ConstraintViolation | null {
  for (const current of causesOf(error)) {
    const kind = "code" in current ? KINDS.get(current.code) : undefined;
    if (kind !== undefined) {
      const name = "constraint_name" in current ? current.constraint_name : undefined;
      return { kind, constraint: typeof name === "string" ? name : "" };
    }
  }
  return null;
}
