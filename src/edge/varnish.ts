import type { EdgeProvider, ProviderOptions } from "./provider.ts";
import { sendPurge } from "./request.ts";

/** More would not fit into a header of Varnish. */
const TAGS_MAX = 100;

/**
 * Varnish with `deploy/varnish/default.vcl`, one node or several, each of which has to confirm.
 * Source: vmod_xkey, and the VCL's own method PURGE.
 */
export function varnish({ urls, token }: ProviderOptions): EdgeProvider {
  const send = async (headers: Record<string, string>) => {
    const init = { method: "PURGE", headers: { "x-purge-secret": token, ...headers } };
    await Promise.all(urls.map((url) => sendPurge(url, init)));
  };
  return {
    name: "varnish",
    tagsMax: TAGS_MAX,
    rate: null,
    purge: (tags) => send({ "xkey-purge": tags.join(" ") }),
    purgeEverything: () => send({ "x-purge-everything": "1" }),
  };
}
