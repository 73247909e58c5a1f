/** The constraint that a statement violated. */
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
const ABORTED: ReadonlySet<unknown> = new Set(["40001", "40P01", "55P03", "57014"]);

/** Yields an error and its causes, the outermost first. */
function* causesOf(error: unknown): Generator<Error> {
  for (
    let current: unknown = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth += 1
  )
    yield current;
}

/**
 * Runs a query that scans an index by distance, and runs it again without the index if PostGIS aborts the scan.
 * PostGIS aborts it where rounding contradicts the index: near ±180°, the poles and the antipode of the position.
 * Errors: all other errors of `ask`.
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
 * Whether an error or one of its causes means that a statement had no effect and may succeed when repeated: after a
 * serialization failure, a deadlock, a lock timeout, or a cancel request that was meant for the statement before.
 */
export function isAborted(error: unknown): boolean {
  for (const current of causesOf(error))
    if ("code" in current && ABORTED.has(current.code)) return true;
  return false;
}

/** Returns the constraint violation that an error or one of its causes reports, or null. */
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
