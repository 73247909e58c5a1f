import type { EdgeProvider, ProviderOptions } from "./provider.ts";
import { sendPurge } from "./request.ts";

const API = "https://api.fastly.com";
/** Fastly takes 256. */
const TAGS_MAX = 100;

/**
 * Fastly, by its API; `id` is the service's. Its limit of 100,000 purges an hour is out of the purger's reach.
 * Source: Fastly API, "Purge by surrogate keys" and "Purge all".
 */
export function fastly({ urls, id, token, perMinute }: ProviderOptions): EdgeProvider {
  const service = `${urls[0] ?? API}/service/${id}`;
  const send = async (path: string, headers: Record<string, string>) => {
    await sendPurge(`${service}/${path}`, {
      method: "POST",
      headers: { "fastly-key": token, accept: "application/json", ...headers },
    });
  };
  return {
    name: "fastly",
    tagsMax: TAGS_MAX,
    rate: perMinute === null ? null : { burst: perMinute, perMinute },
    purge: (tags) => send("purge", { "surrogate-key": tags.join(" ") }),
    purgeEverything: () => send("purge_all", {}),
  };
}
