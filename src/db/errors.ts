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

/** Reads off an error, or off what it was caused by, which constraint was violated; null when it was something else. */
export function constraintViolation(error: unknown): ConstraintViolation | null {
  for (
    let current: unknown = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth += 1
  ) {
    const kind = "code" in current ? KINDS.get(current.code) : undefined;
    if (kind !== undefined) {
      const name = "constraint_name" in current ? current.constraint_name : undefined;
      return { kind, constraint: typeof name === "string" ? name : "" };
    }
  }
  return null;
}
