import { RecentMap } from "../../recent-map.ts";

const REMEMBERED_MAX = 256;
/** Of a domain name, with a port. */
const REMEMBERED_LENGTH_MAX = 260;

/** Few names are asked for again and again. */
const remembered = new RecentMap<string, boolean>(REMEMBERED_MAX);

/** Whether a `Host` is there and is nothing but a host and maybe a port, in the one way to write it. */
export function isPlainHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  let isPlain = remembered.get(host);
  if (isPlain === undefined) {
    isPlain = URL.parse(`http://${host}/`)?.hostname === host.replace(/:\d+$/, "").toLowerCase();
    if (host.length <= REMEMBERED_LENGTH_MAX) remembered.set(host, isPlain);
  }
  return isPlain;
}
