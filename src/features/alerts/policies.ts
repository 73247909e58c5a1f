import type { CachedQuery } from "../../cache/policy.ts";
import { listLatest } from "./queries.ts";
import type { WrittenAlert } from "./schemas.ts";

/** The newest alerts, scheduled ones included. */
export interface LatestAlerts {
  readonly alerts: readonly WrittenAlert[];
  /** Whether there are no others. */
  readonly isWhole: boolean;
}

/** Two pages of the longest kind. */
const LATEST_MAX = 200;

/** The one entry of `alerts.list`: an app start asks for its first page, which nearly always lies within. */
export const latestAlertsPolicy: CachedQuery<null, LatestAlerts> = {
  name: "alerts",
  shape: "alerts-1",
  key: () => "alerts:latest",
  isAffected: ({ topic }) => topic === "alert",
  query: async (db) => {
    const { value, snapshot } = await listLatest(db, LATEST_MAX);
    const alerts = value.slice(0, LATEST_MAX);
    return { value: { alerts, isWhole: alerts.length === value.length }, snapshot };
  },
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as LatestAlerts,
};

/** The alerts of the entry that are shown at a moment, and when the next one appears or expires. Units: Unix milliseconds. */
export function shownAt(
  { alerts }: LatestAlerts,
  nowMs: number,
): { readonly shown: readonly WrittenAlert[]; readonly untilMs: number } {
  let untilMs = Number.POSITIVE_INFINITY;
  const shown = alerts.filter(({ publishedAt, expiresAt }) => {
    const fromMs = Date.parse(publishedAt);
    const endMs = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
    for (const at of [fromMs, endMs]) if (at > nowMs && at < untilMs) untilMs = at;
    return fromMs <= nowMs && nowMs < endMs;
  });
  return { shown, untilMs };
}
