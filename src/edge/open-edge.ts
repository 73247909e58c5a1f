import type { Config } from "../config.ts";
import { cloudflare } from "./cloudflare.ts";
import { fastly } from "./fastly.ts";
import type { EdgeProvider } from "./provider.ts";
import { varnish } from "./varnish.ts";

const MAKERS = { varnish, cloudflare, fastly };

/** Makes the provider that is configured; null without one. */
export function openEdge({ edgePurge }: Pick<Config, "edgePurge">): EdgeProvider | null {
  if (edgePurge === null) return null;
  return MAKERS[edgePurge.provider](edgePurge);
}
