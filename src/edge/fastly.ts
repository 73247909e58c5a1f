import type { EdgeProvider } from "./provider.ts";
import { sendPurge } from "./request.ts";

const API = "https://api.fastly.com";
/** Fastly takes 256. */
const TAGS_MAX = 100;

/**
 * Fastly, by its API; `id` is the service's. Its limit of 100,000 purges an hour is out of the purger's reach.
 * Source: Fastly API, "Purge by surrogate keys" and "Purge all".
 */
export function fastly(options: {
  readonly urls: readonly string[];
  readonly id: string;
  readonly token: string;
  readonly perMinute: number | null;
}): EdgeProvider {
  const { urls, id, token, perMinute } = options;
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
