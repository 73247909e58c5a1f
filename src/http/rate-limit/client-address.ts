/**
 * The client's address as far as it can be believed: with `hops` trusted proxies in front, the entry that the
 * outermost of them wrote into `X-Forwarded-For`; what the client itself put there is further left and never read.
 */
export function clientAddress(
  socketAddress: string,
  forwardedFor: string | undefined,
  hops: number,
): string {
  if (hops === 0 || forwardedFor === undefined) return socketAddress;
  const entries = forwardedFor.split(",").map((entry) => entry.trim());
  return entries.at(-hops) ?? entries[0] ?? socketAddress;
}
