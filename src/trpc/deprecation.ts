import { z } from "zod";

/** How long a deprecated procedure is served at least. Units: days. */
export const SERVED_DAYS_MIN = 365;

const DAY_MS = 86_400_000;

/** The end of a procedure: `.meta({ deprecated: { since: "2027-01-01", sunset: "2028-01-01", use: "store.inBounds" } })`. */
export interface Deprecation {
  /** The day from which new versions of the app do not call it. Units: ISO 8601, UTC. */
  readonly since: string;
  /** The day from which it may be gone. Units: ISO 8601, UTC. */
  readonly sunset: string;
  /** The procedure that replaces it; null when there is none. */
  readonly use: string | null;
}

/** Checks that a deprecated procedure is served for long enough. Errors: Error for what breaks docs/versions.md. */
export function checkDeprecation(
  path: string,
  { since, sunset, use }: Deprecation,
  procedures: readonly string[],
): void {
  if (![since, sunset].every((day) => z.iso.date().safeParse(day).success))
    throw new Error(`${path}: since and sunset are days such as 2027-01-31`);
  const days = (Date.parse(sunset) - Date.parse(since)) / DAY_MS;
  if (days < SERVED_DAYS_MIN)
    throw new Error(
      `${path}: a deprecated procedure is served for at least ${SERVED_DAYS_MIN} days`,
    );
  if (use !== null && (use === path || !procedures.includes(use)))
    throw new Error(`${path}: "use" has to name another procedure, not ${use}`);
}
