import type { SharedMarks } from "./read-your-writes.ts";
import type { RedisBreaker } from "../../redis/circuit-breaker.ts";

/** Far longer than the lag of any replica that is used; marks of an instance that crashed then expire. */
const MARK_MS = 60_000;
const PENDING = "pending:";

const SETTLE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** Stores the marks of users who wrote in Redis, each for a minute. */
export function shareMarksThroughRedis(redis: RedisBreaker): SharedMarks {
  const keyOf = (userId: string) => `wrote:{${userId}}`;
  return {
    async begin(userId, token) {
      const answer = await redis.call((client) =>
        client.set(keyOf(userId), `${PENDING}${token}`, "PX", MARK_MS),
      );
      return answer === "OK";
    },
    async settle(userId, token, lsn) {
      await redis.call((client) =>
        client.eval(SETTLE, 1, keyOf(userId), `${PENDING}${token}`, String(lsn), MARK_MS),
      );
    },
    async read(userId) {
      const mark = await redis.call((client) => client.get(keyOf(userId)));
      if (mark === null) return 0;
      return mark !== undefined && /^\d{1,16}$/.test(mark) ? Number(mark) : null;
    },
  };
}
