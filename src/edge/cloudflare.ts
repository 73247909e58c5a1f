import type { EdgeProvider, ProviderOptions } from "./provider.ts";
import { PurgeError } from "./purge-error.ts";
import { sendPurge } from "./request.ts";

const API = "https://api.cloudflare.com";
const TAGS_MAX = 100;
/** Of the Free plan, the least of all. */
const BURST = 25;
const PER_MINUTE = 5;

/**
 * Cloudflare, by its API; `id` is the zone's.
 * Source: Cloudflare API, "Purge Cached Content"; "Purge cache: availability and limits".
 */
export function cloudflare({ urls, id, token, perMinute }: ProviderOptions): EdgeProvider {
  const url = `${urls[0] ?? API}/client/v4/zones/${id}/purge_cache`;
  const send = async (body: object) => {
    const text = await sendPurge(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { success, errors } = JSON.parse(text) as { success?: boolean; errors?: unknown };
    if (success !== true) throw new PurgeError(`Cloudflare refused: ${JSON.stringify(errors)}`);
  };
  return {
    name: "cloudflare",
    tagsMax: TAGS_MAX,
    rate:
      perMinute === null
        ? { burst: BURST, perMinute: PER_MINUTE }
        : { burst: Math.max(BURST, perMinute), perMinute },
    purge: (tags) => send({ tags }),
    purgeEverything: () => send({ purge_everything: true }),
  };
}
