import type { ShareCounts } from "../../src/http/rate-limit/limiter.ts";

/** A stand-in for the counts in Redis, which can be disconnected. */
export function sharedCounts() {
  const counts = new Map<string, Map<string, number>>();
  let isCut = false;
  let isDeaf = false;
  const told = (key: string, field: string, own: number) => {
    const fields = counts.get(key) ?? new Map<string, number>();
    if (own > 0) counts.set(key, fields.set(field, own));
    return [...fields.values()].reduce((a, b) => a + b, 0);
  };
  const share: ShareCounts = (list) =>
    Promise.resolve(
      list.map(({ key, field, window, own, ownBefore }) => {
        if (isCut) return undefined;
        const shared = {
          total: told(`${window}:${key}`, field, own),
          totalBefore: told(`${window - 1}:${key}`, field, ownBefore),
        };
        return isDeaf ? undefined : shared;
      }),
    );
  return {
    share,
    total: (key: string, window: number) => told(`${window}:${key}`, "", 0),
    cut: () => {
      isCut = true;
    },
    /** Whether counts are stored while the answer is lost. */
    deafen: () => {
      isDeaf = true;
    },
    heal: () => {
      isCut = false;
      isDeaf = false;
    },
  };
}
