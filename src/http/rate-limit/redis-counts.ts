import type { RedisBreaker } from "../../redis/circuit-breaker.ts";
import type { OwnCount, ShareCounts, SharedCount } from "./limiter.ts";

/** Callers in one command: a script of this length holds Redis for about a millisecond. */
const CALLERS_PER_COMMAND = 200;
const KEPT_SECONDS = 130;

/**
 * For each caller a hash a minute, with a field a process; the field is set, not added to, so a command that was
 * carried out though its answer was lost counts nothing twice.
 */
const SCRIPT = `
local function counts(key)
  local values = redis.pcall('HVALS', key)
  return values.err and {} or values
end
local function told(key, field, own)
  if own ~= '0' then
    -- One damaged key must not keep the others of the command from being counted.
    local set = redis.pcall('HSET', key, field, own)
    if type(set) == 'table' and set.err then
      if not string.find(set.err, 'WRONGTYPE') then error(set.err) end
      redis.call('DEL', key)
      redis.call('HSET', key, field, own)
    end
    redis.call('EXPIRE', key, ${KEPT_SECONDS})
  end
  local sum = 0
  for _, count in ipairs(counts(key)) do
    if string.match(count, '^%d+$') and #count < 12 then sum = sum + tonumber(count) end
  end
  return sum
end
local totals = {}
for i = 1, #KEYS, 2 do
  local at = (i - 1) / 2 * 3
  totals[i] = told(KEYS[i], ARGV[at + 1], ARGV[at + 2])
  totals[i + 1] = told(KEYS[i + 1], ARGV[at + 1], ARGV[at + 3])
end
return totals`;

/**
 * Shares counts through Redis, one command for up to 200 callers of a slot group.
 * In Redis Cluster a script's keys must lie in one slot, so callers are spread over `slotGroups` hash tags.
 */
export function shareThroughRedis(guard: RedisBreaker, slotGroups: number): ShareCounts {
  return async (counts) => {
    const groups = new Map<number, number[]>();
    for (const [i, { key }] of counts.entries()) {
      const group = slotGroup(key, slotGroups);
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [i]);
      else members.push(i);
    }
    const answers: (SharedCount | undefined)[] = counts.map(() => undefined);
    const tell = async (group: number, members: readonly number[]) => {
      const told = members.flatMap((i) => counts[i] ?? []);
      const totals = await guard.call((client) =>
        client.eval(SCRIPT, told.length * 2, ...keysOf(group, told), ...argumentsOf(told)),
      );
      for (const [n, shared] of readTotals(totals, told.length).entries()) {
        const i = members[n];
        if (i !== undefined) answers[i] = shared;
      }
    };
    // One after the other: all at once, the last would wait for the first until it counts as a failure of Redis.
    for (const [group, members] of groups) {
      for (let at = 0; at < members.length; at += CALLERS_PER_COMMAND)
        await tell(group, members.slice(at, at + CALLERS_PER_COMMAND));
    }
    return answers;
  };
}

/** Source: FNV-1a, 32 bits. */
function slotGroup(key: string, slotGroups: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1)
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return hash % slotGroups;
}

function keysOf(group: number, counts: readonly OwnCount[]): string[] {
  return counts.flatMap(({ key, window }) => [
    `limit:{${group}}:${window}:${key}`,
    `limit:{${group}}:${window - 1}:${key}`,
  ]);
}

function argumentsOf(counts: readonly OwnCount[]): string[] {
  return counts.flatMap(({ field, own, ownBefore }) => [field, String(own), String(ownBefore)]);
}

/** Nothing where Redis answered anything but the counts asked for. */
function readTotals(answer: unknown, callers: number): SharedCount[] {
  if (!Array.isArray(answer) || answer.length !== callers * 2) return [];
  const numbers = answer.map(Number);
  if (!numbers.every((count) => Number.isSafeInteger(count) && count >= 0)) return [];
  return Array.from({ length: callers }, (_, i) => ({
    total: numbers[2 * i] ?? 0,
    totalBefore: numbers[2 * i + 1] ?? 0,
  }));
}
