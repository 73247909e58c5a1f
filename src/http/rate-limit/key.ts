import { isIP } from "node:net";
import { RecentMap } from "../../recent-map.ts";

/** Most requests come over a connection that brought others before. */
const remembered = new RecentMap<string, string>(4_096);
/** Of an IPv6 address with an IPv4 tail, in brackets, with a port. */
const ADDRESS_LENGTH_MAX = 53;

/** Returns the key by which the rate limit counts a signed-in caller. */
export function userKey(userId: string): string {
  return `user:${userId}`;
}

/**
 * Returns the key by which the rate limit counts an anonymous caller: the IPv4 address, or the /64 of an IPv6 address,
 * because one customer's line has at least that many addresses. Everything that is not an address shares one limit.
 * Source: RFC 6177, section 2 (/64 is the smallest assignment).
 */
export function addressKey(address: string): string {
  let key = remembered.get(address);
  if (key === undefined) {
    key = `address:${networkOf(address)}`;
    if (address.length <= ADDRESS_LENGTH_MAX) remembered.set(address, key);
  }
  return key;
}

/** Returns the key by which the rate limit counts all signed-in callers of an address together. */
export function usersOfAddressKey(address: string): string {
  return `users-of-${addressKey(address)}`;
}

function networkOf(address: string): string {
  const kind = isIP(address);
  if (kind === 4) return address;
  if (kind === 6) return network64(address);
  const withoutPort = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(address);
  const inner = withoutPort?.[1] ?? withoutPort?.[2];
  return inner === undefined || isIP(inner) === 0 ? "unknown" : networkOf(inner);
}

/** The first four groups, written one way only. */
function network64(address: string): string {
  const zoneless = address.split("%", 1)[0] ?? "";
  const canonical = new URL(`http://[${zoneless}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  const all = [...groups, ...Array.from({ length: zeros }, () => "0"), ...after];
  const mapped = all.slice(0, 5).every((group) => group === "0") && all[5] === "ffff";
  if (mapped) {
    const [high = 0, low = 0] = all.slice(6).map((group) => Number.parseInt(group, 16));
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  return `${all.slice(0, 4).join(":")}::/64`;
}
