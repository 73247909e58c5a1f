import { isIP } from "node:net";

/** Most requests come over a connection that brought others before. */
const remembered = new Map<string, string>();
const REMEMBERED_MAX = 4_096;
/** Of an IPv6 address with an IPv4 tail, in brackets, with a port. */
const ADDRESS_LENGTH_MAX = 53;

/** Who a signed-in caller is to the rate limit. */
export function userKey(userId: string): string {
  return `user:${userId}`;
}

/**
 * Who an anonymous caller is to the rate limit: the IPv4 address, or the /64 of an IPv6 address, as one customer's
 * line has that many addresses at least. All that is no address shares one limit.
 * Source: RFC 6177, section 2 (/64 is the smallest assignment).
 */
export function addressKey(address: string): string {
  let key = remembered.get(address);
  if (key === undefined) {
    key = `address:${networkOf(address)}`;
    if (address.length <= ADDRESS_LENGTH_MAX) {
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      remembered.set(address, key);
    }
  }
  return key;
}

/** All signed-in callers of an address to the rate limit. */
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
